package repository

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"github.com/example/library/internal/apperror"
	"github.com/example/library/internal/dto"
	"github.com/example/library/internal/model"
)

// BookRepository keeps books.
type BookRepository struct {
	db *gorm.DB
}

// NewBookRepository makes one.
func NewBookRepository(db *gorm.DB) *BookRepository {
	return &BookRepository{db: db}
}

// Create adds a book.
func (r *BookRepository) Create(ctx context.Context, book *model.Book) error {
	return translate(r.db, r.db.WithContext(ctx).Create(book).Error)
}

// List returns one page of books, and how many there are in all.
func (r *BookRepository) List(ctx context.Context, query dto.ListBooksQuery) ([]model.Book, int64, error) {
	found := r.db.WithContext(ctx).Model(&model.Book{})
	if query.AuthorID != nil {
		found = found.Where("author_id = ?", *query.AuthorID)
	}
	var total int64
	if err := found.Count(&total).Error; err != nil {
		return nil, 0, err
	}
	books := []model.Book{}
	err := found.Order("id").Offset((query.Page - 1) * query.Limit).Limit(query.Limit).Find(&books).Error
	return books, total, err
}

// Get finds one book.
func (r *BookRepository) Get(ctx context.Context, id uint) (*model.Book, error) {
	var book model.Book
	err := r.db.WithContext(ctx).First(&book, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, apperror.ErrNotFound
	}
	return &book, err
}

// Update writes the columns that changed.
func (r *BookRepository) Update(ctx context.Context, book *model.Book, changes map[string]any) error {
	return translate(r.db, r.db.WithContext(ctx).Model(book).Updates(changes).Error)
}

// Delete removes a book.
func (r *BookRepository) Delete(ctx context.Context, id uint) error {
	done := r.db.WithContext(ctx).Delete(&model.Book{}, id)
	if done.Error != nil {
		return translate(r.db, done.Error)
	}
	if done.RowsAffected == 0 {
		return apperror.ErrNotFound
	}
	return nil
}
