package model

// Author is somebody who writes books.
type Author struct {
	Base
	Name string `gorm:"size:120;not null;uniqueIndex" json:"name"`
	Born *int   `json:"born"`
}
