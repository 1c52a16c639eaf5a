from secrets import token_urlsafe

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Config(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    DATABASE_URL: str = "sqlite+aiosqlite:///./clinic.db"
    JWT_SECRET: str = Field(default_factory=token_urlsafe)
    JWT_ALG: str = "HS256"
    JWT_MINUTES: int = 30


config = Config()
