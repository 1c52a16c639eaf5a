package router_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"github.com/example/library/internal/auth"
	"github.com/example/library/internal/config"
	"github.com/example/library/internal/database"
	"github.com/example/library/internal/model"
	"github.com/example/library/internal/router"
)

const secret = "only-for-tests"

// setup makes the service with an empty database.
func setup(t *testing.T) (*gin.Engine, *gorm.DB) {
	t.Helper()
	gin.SetMode(gin.TestMode)
	db, err := database.Open(filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := database.Migrate(db); err != nil {
		t.Fatal(err)
	}
	return router.New(db, config.Config{JWTSecret: secret}), db
}

// tokenFor makes a user of a role and signs them in.
func tokenFor(t *testing.T, db *gorm.DB, role string) string {
	t.Helper()
	var count int64
	db.Model(&model.User{}).Count(&count)
	user := model.User{Email: string(rune('a'+count)) + "@example.com", PasswordHash: "x", Role: role}
	if err := db.Create(&user).Error; err != nil {
		t.Fatal(err)
	}
	token, err := auth.NewTokens(secret).Make(user.ID, role)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// request asks the service, with a token where there is one.
func request(engine *gin.Engine, method, path, token string, body any) *httptest.ResponseRecorder {
	var sent bytes.Buffer
	if body != nil {
		_ = json.NewEncoder(&sent).Encode(body)
	}
	req := httptest.NewRequest(method, path, &sent)
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	recorder := httptest.NewRecorder()
	engine.ServeHTTP(recorder, req)
	return recorder
}

func expect(t *testing.T, got *httptest.ResponseRecorder, status int) map[string]any {
	t.Helper()
	if got.Code != status {
		t.Fatalf("answered %d, not %d: %s", got.Code, status, got.Body)
	}
	var body map[string]any
	if got.Body.Len() > 0 {
		if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil {
			t.Fatal(err)
		}
	}
	return body
}

func TestHealth(t *testing.T) {
	engine, _ := setup(t)
	expect(t, request(engine, http.MethodGet, "/health", "", nil), http.StatusOK)
}
