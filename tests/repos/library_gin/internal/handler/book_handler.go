package handler

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/example/library/internal/dto"
	"github.com/example/library/internal/model"
	"github.com/example/library/internal/service"
)

// BookHandler answers requests about books.
type BookHandler struct {
	books *service.BookService
}

// NewBookHandler makes one.
func NewBookHandler(books *service.BookService) *BookHandler {
	return &BookHandler{books: books}
}

// Create adds a book.
func (h *BookHandler) Create(c *gin.Context) {
	var input dto.CreateBookRequest
	if err := c.ShouldBindJSON(&input); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	book, err := h.books.Create(c.Request.Context(), input)
	if err != nil {
		respondError(c, err)
		return
	}
	c.JSON(http.StatusCreated, book)
}

// List answers with a page of books.
func (h *BookHandler) List(c *gin.Context) {
	var query dto.ListBooksQuery
	if err := c.ShouldBindQuery(&query); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	books, total, err := h.books.List(c.Request.Context(), query)
	if err != nil {
		respondError(c, err)
		return
	}
	c.JSON(http.StatusOK, dto.Page[model.Book]{Items: books, Total: total, Page: query.Page, Limit: query.Limit})
}

// Get answers with one book.
func (h *BookHandler) Get(c *gin.Context) {
	id, ok := idParam(c)
	if !ok {
		return
	}
	book, err := h.books.Get(c.Request.Context(), id)
	if err != nil {
		respondError(c, err)
		return
	}
	c.JSON(http.StatusOK, book)
}

// Update changes a book.
func (h *BookHandler) Update(c *gin.Context) {
	id, ok := idParam(c)
	if !ok {
		return
	}
	var input dto.UpdateBookRequest
	if err := c.ShouldBindJSON(&input); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	book, err := h.books.Update(c.Request.Context(), id, input)
	if err != nil {
		respondError(c, err)
		return
	}
	c.JSON(http.StatusOK, book)
}

// Delete removes a book.
func (h *BookHandler) Delete(c *gin.Context) {
	id, ok := idParam(c)
	if !ok {
		return
	}
	if err := h.books.Delete(c.Request.Context(), id); err != nil {
		respondError(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}
