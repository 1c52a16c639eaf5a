package service

import (
	"context"
	"errors"
	"fmt"

	"github.com/example/library/internal/apperror"
	"github.com/example/library/internal/dto"
	"github.com/example/library/internal/model"
	"github.com/example/library/internal/repository"
)

// BookService is what can be done with books.
type BookService struct {
	books   *repository.BookRepository
	authors *repository.AuthorRepository
}

// NewBookService makes one.
func NewBookService(books *repository.BookRepository, authors *repository.AuthorRepository) *BookService {
	return &BookService{books: books, authors: authors}
}

// Create adds a book of an author who is there.
func (s *BookService) Create(ctx context.Context, input dto.CreateBookRequest) (*model.Book, error) {
	if _, err := s.authors.Get(ctx, input.AuthorID); errors.Is(err, apperror.ErrNotFound) {
		return nil, fmt.Errorf("%w: there is no such author", apperror.ErrInvalid)
	} else if err != nil {
		return nil, err
	}
	book := model.Book{Title: input.Title, ISBN: input.ISBN, Pages: input.Pages, AuthorID: input.AuthorID}
	if err := s.books.Create(ctx, &book); err != nil {
		return nil, err
	}
	return &book, nil
}

// List returns one page of books.
func (s *BookService) List(ctx context.Context, query dto.ListBooksQuery) ([]model.Book, int64, error) {
	return s.books.List(ctx, query)
}

// Get finds one book.
func (s *BookService) Get(ctx context.Context, id uint) (*model.Book, error) {
	return s.books.Get(ctx, id)
}

// Update changes what is given.
func (s *BookService) Update(ctx context.Context, id uint, input dto.UpdateBookRequest) (*model.Book, error) {
	book, err := s.books.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	changes := map[string]any{}
	if input.Title != nil {
		changes["title"] = *input.Title
	}
	if input.Pages != nil {
		changes["pages"] = *input.Pages
	}
	if err := s.books.Update(ctx, book, changes); err != nil {
		return nil, err
	}
	return book, nil
}

// Delete removes a book.
func (s *BookService) Delete(ctx context.Context, id uint) error {
	return s.books.Delete(ctx, id)
}
