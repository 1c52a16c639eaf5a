// Package router puts the service together.
package router

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/example/library/internal/auth"
	"github.com/example/library/internal/config"
	"github.com/example/library/internal/handler"
	"github.com/example/library/internal/middleware"
	"github.com/example/library/internal/model"
	"github.com/example/library/internal/repository"
	"github.com/example/library/internal/service"
)

// New makes the router with all its routes.
func New(db *gorm.DB, cfg config.Config) *gin.Engine {
	tokens := auth.NewTokens(cfg.JWTSecret)

	userRepository := repository.NewUserRepository(db)
	authorRepository := repository.NewAuthorRepository(db)
	bookRepository := repository.NewBookRepository(db)

	authService := service.NewAuthService(userRepository, tokens)
	authorService := service.NewAuthorService(authorRepository)
	bookService := service.NewBookService(bookRepository, authorRepository)

	authHandler := handler.NewAuthHandler(authService)
	authorHandler := handler.NewAuthorHandler(authorService)
	bookHandler := handler.NewBookHandler(bookService)

	router := gin.New()
	router.Use(gin.Recovery())
	router.GET("/health", func(c *gin.Context) {
		c.JSON(http.StatusOK, gin.H{"status": "ok"})
	})

	requireAuth := middleware.RequireAuth(tokens)
	requireAdmin := middleware.RequireRole(model.RoleAdmin)

	api := router.Group("/api/v1")
	api.POST("/auth/login", authHandler.Login)

	authors := api.Group("/authors")
	{
		authors.GET("", authorHandler.List)
		authors.GET("/:id", authorHandler.Get)
		authors.POST("", requireAuth, requireAdmin, authorHandler.Create)
		authors.DELETE("/:id", requireAuth, requireAdmin, authorHandler.Delete)
	}

	books := api.Group("/books")
	{
		books.GET("", bookHandler.List)
		books.GET("/:id", bookHandler.Get)
		books.POST("", requireAuth, bookHandler.Create)
		books.PATCH("/:id", requireAuth, bookHandler.Update)
		books.DELETE("/:id", requireAuth, requireAdmin, bookHandler.Delete)
	}

	return router
}
