from fastapi import FastAPI

from app.routers import auth, authors, books, loans, users

app = FastAPI(title="Library")

app.include_router(auth.router)
app.include_router(users.router)
app.include_router(authors.router)
app.include_router(books.router)
app.include_router(loans.router)


@app.get("/")
def root():
    return {"message": "Library API, see /docs"}
