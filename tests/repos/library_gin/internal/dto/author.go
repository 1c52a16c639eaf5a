package dto

// CreateAuthorRequest is a new author.
type CreateAuthorRequest struct {
	Name string `json:"name" binding:"required,max=120"`
	Born *int   `json:"born" binding:"omitempty,min=0,max=2100"`
}

// ListAuthorsQuery is what the list of authors can be asked for.
type ListAuthorsQuery struct {
	Page  int `form:"page,default=1" binding:"min=1,max=1000000"`
	Limit int `form:"limit,default=20" binding:"min=1,max=100"`
}
