import secrets

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    database_url: str = "sqlite+aiosqlite:///./shop.db"
    secret_key: str = Field(default_factory=lambda: secrets.token_urlsafe(48))
    access_token_minutes: int = 30
    seed_admin_password: str | None = None
    seed_user_password: str | None = None


settings = Settings()
