from fastapi import FastAPI

app = FastAPI(title="Empty")


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}
