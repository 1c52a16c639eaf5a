package service

import (
	"context"

	"github.com/example/library/internal/dto"
	"github.com/example/library/internal/model"
	"github.com/example/library/internal/repository"
)

// AuthorService is what can be done with authors.
type AuthorService struct {
	authors *repository.AuthorRepository
}

// NewAuthorService makes one.
func NewAuthorService(authors *repository.AuthorRepository) *AuthorService {
	return &AuthorService{authors: authors}
}

// Create adds an author.
func (s *AuthorService) Create(ctx context.Context, input dto.CreateAuthorRequest) (*model.Author, error) {
	author := model.Author{Name: input.Name, Born: input.Born}
	if err := s.authors.Create(ctx, &author); err != nil {
		return nil, err
	}
	return &author, nil
}

// List returns one page of authors.
func (s *AuthorService) List(ctx context.Context, query dto.ListAuthorsQuery) ([]model.Author, int64, error) {
	return s.authors.List(ctx, query)
}

// Get finds one author.
func (s *AuthorService) Get(ctx context.Context, id uint) (*model.Author, error) {
	return s.authors.Get(ctx, id)
}

// Delete removes an author without books.
func (s *AuthorService) Delete(ctx context.Context, id uint) error {
	return s.authors.Delete(ctx, id)
}
