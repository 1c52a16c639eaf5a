package handler

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/example/library/internal/dto"
	"github.com/example/library/internal/service"
)

// AuthHandler answers requests to sign in.
type AuthHandler struct {
	auth *service.AuthService
}

// NewAuthHandler makes one.
func NewAuthHandler(auth *service.AuthService) *AuthHandler {
	return &AuthHandler{auth: auth}
}

// Login signs somebody in.
func (h *AuthHandler) Login(c *gin.Context) {
	var input dto.LoginRequest
	if err := c.ShouldBindJSON(&input); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	token, err := h.auth.Login(c.Request.Context(), input)
	if err != nil {
		respondError(c, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"token": token})
}
