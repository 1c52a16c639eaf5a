import os
import secrets

DATABASE_URL = os.getenv("DATABASE_URL", "sqlite:///./library.db")
SECRET_KEY = os.getenv("SECRET_KEY") or secrets.token_hex(32)
ACCESS_TOKEN_EXPIRE_MINUTES = int(os.getenv("ACCESS_TOKEN_EXPIRE_MINUTES", "60"))
LOAN_DAYS = int(os.getenv("LOAN_DAYS", "21"))
