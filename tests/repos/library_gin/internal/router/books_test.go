package router_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/example/library/internal/model"
)

func TestBooks(t *testing.T) {
	engine, db := setup(t)
	member, admin := tokenFor(t, db, model.RoleMember), tokenFor(t, db, model.RoleAdmin)

	author := expect(t, request(engine, http.MethodPost, "/api/v1/authors", admin, map[string]any{"name": "Ada"}), http.StatusCreated)
	given := map[string]any{"title": "Notes", "isbn": "1-2-3", "pages": 12, "author_id": author["id"]}

	expect(t, request(engine, http.MethodPost, "/api/v1/books", "", given), http.StatusUnauthorized)
	book := expect(t, request(engine, http.MethodPost, "/api/v1/books", member, given), http.StatusCreated)
	expect(t, request(engine, http.MethodPost, "/api/v1/books", member, given), http.StatusConflict)

	path := fmt.Sprintf("/api/v1/books/%v", book["id"])
	changed := expect(t, request(engine, http.MethodPatch, path, member, map[string]any{"pages": 13}), http.StatusOK)
	if changed["pages"] != 13.0 || changed["title"] != "Notes" {
		t.Fatalf("changed to %v", changed)
	}
	listed := expect(t, request(engine, http.MethodGet, "/api/v1/books", "", nil), http.StatusOK)
	if listed["total"] != 1.0 {
		t.Fatalf("listed %v", listed)
	}
	expect(t, request(engine, http.MethodDelete, path, member, nil), http.StatusForbidden)
	expect(t, request(engine, http.MethodDelete, path, admin, nil), http.StatusNoContent)
	expect(t, request(engine, http.MethodGet, path, "", nil), http.StatusNotFound)
}

func TestBooksRefuseWhatMakesNoSense(t *testing.T) {
	engine, db := setup(t)
	token := tokenFor(t, db, model.RoleMember)
	given := map[string]any{"title": "Notes", "isbn": "1-2-3", "pages": 12, "author_id": 99}
	expect(t, request(engine, http.MethodPost, "/api/v1/books", token, given), http.StatusUnprocessableEntity)
	given["pages"] = 0
	expect(t, request(engine, http.MethodPost, "/api/v1/books", token, given), http.StatusBadRequest)
}
