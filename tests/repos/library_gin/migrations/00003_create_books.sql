-- +goose Up
CREATE TABLE books (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title VARCHAR(200) NOT NULL,
    isbn VARCHAR(20) NOT NULL,
    pages INTEGER NOT NULL CHECK (pages > 0),
    author_id INTEGER NOT NULL REFERENCES authors (id) ON DELETE RESTRICT,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL
);
CREATE UNIQUE INDEX idx_books_isbn ON books (isbn);
CREATE INDEX idx_books_author_id ON books (author_id);

-- +goose Down
DROP TABLE books;
