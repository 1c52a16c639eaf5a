// Package dto holds what requests and answers look like.
package dto

// Page is a part of a list.
type Page[T any] struct {
	Items []T   `json:"items"`
	Total int64 `json:"total"`
	Page  int   `json:"page"`
	Limit int   `json:"limit"`
}
