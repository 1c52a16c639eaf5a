package repository

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"github.com/example/library/internal/apperror"
	"github.com/example/library/internal/dto"
	"github.com/example/library/internal/model"
)

// AuthorRepository keeps authors.
type AuthorRepository struct {
	db *gorm.DB
}

// NewAuthorRepository makes one.
func NewAuthorRepository(db *gorm.DB) *AuthorRepository {
	return &AuthorRepository{db: db}
}

// Create adds an author.
func (r *AuthorRepository) Create(ctx context.Context, author *model.Author) error {
	return translate(r.db, r.db.WithContext(ctx).Create(author).Error)
}

// List returns one page of authors, and how many there are in all.
func (r *AuthorRepository) List(ctx context.Context, query dto.ListAuthorsQuery) ([]model.Author, int64, error) {
	found := r.db.WithContext(ctx).Model(&model.Author{})
	var total int64
	if err := found.Count(&total).Error; err != nil {
		return nil, 0, err
	}
	authors := []model.Author{}
	err := found.Order("id").Offset((query.Page - 1) * query.Limit).Limit(query.Limit).Find(&authors).Error
	return authors, total, err
}

// Get finds one author.
func (r *AuthorRepository) Get(ctx context.Context, id uint) (*model.Author, error) {
	var author model.Author
	err := r.db.WithContext(ctx).First(&author, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, apperror.ErrNotFound
	}
	return &author, err
}

// Delete removes an author without books.
func (r *AuthorRepository) Delete(ctx context.Context, id uint) error {
	done := r.db.WithContext(ctx).Delete(&model.Author{}, id)
	if done.Error != nil {
		return translate(r.db, done.Error)
	}
	if done.RowsAffected == 0 {
		return apperror.ErrNotFound
	}
	return nil
}
