package handler

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/example/library/internal/dto"
	"github.com/example/library/internal/model"
	"github.com/example/library/internal/service"
)

// AuthorHandler answers requests about authors.
type AuthorHandler struct {
	authors *service.AuthorService
}

// NewAuthorHandler makes one.
func NewAuthorHandler(authors *service.AuthorService) *AuthorHandler {
	return &AuthorHandler{authors: authors}
}

// Create adds an author.
func (h *AuthorHandler) Create(c *gin.Context) {
	var input dto.CreateAuthorRequest
	if err := c.ShouldBindJSON(&input); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	author, err := h.authors.Create(c.Request.Context(), input)
	if err != nil {
		respondError(c, err)
		return
	}
	c.JSON(http.StatusCreated, author)
}

// List answers with a page of authors.
func (h *AuthorHandler) List(c *gin.Context) {
	var query dto.ListAuthorsQuery
	if err := c.ShouldBindQuery(&query); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	authors, total, err := h.authors.List(c.Request.Context(), query)
	if err != nil {
		respondError(c, err)
		return
	}
	c.JSON(http.StatusOK, dto.Page[model.Author]{Items: authors, Total: total, Page: query.Page, Limit: query.Limit})
}

// Get answers with one author.
func (h *AuthorHandler) Get(c *gin.Context) {
	id, ok := idParam(c)
	if !ok {
		return
	}
	author, err := h.authors.Get(c.Request.Context(), id)
	if err != nil {
		respondError(c, err)
		return
	}
	c.JSON(http.StatusOK, author)
}

// Delete removes an author.
func (h *AuthorHandler) Delete(c *gin.Context) {
	id, ok := idParam(c)
	if !ok {
		return
	}
	if err := h.authors.Delete(c.Request.Context(), id); err != nil {
		respondError(c, err)
		return
	}
	c.Status(http.StatusNoContent)
}
