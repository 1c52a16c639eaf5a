from fastapi import FastAPI

from src.appointments.router import router as appointments_router
from src.auth.router import router as auth_router
from src.exceptions import register_exception_handlers
from src.patients.router import router as patients_router

app = FastAPI(title="Clinic", version="1.2.0")
register_exception_handlers(app)

app.include_router(auth_router)
app.include_router(patients_router)
app.include_router(appointments_router)


@app.get("/healthcheck", include_in_schema=False)
async def healthcheck() -> dict[str, str]:
    return {"status": "ok"}
