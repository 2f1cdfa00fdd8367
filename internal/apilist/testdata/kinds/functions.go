package kinds

import "context"

func Named(ctx context.Context, a, b string, rest ...int) (n int, err error) { return 0, nil }

func Unnamed(context.Context, string) error { return nil }

func Nothing() {}

// NewHidden returns an unexported type, whose members are part of the API.
func NewHidden() *hidden { return nil }

type hidden struct {
	Field deeper
	next  *unmentioned
}

func (h *hidden) Method() {}

func (h *hidden) unlisted() {}

// deeper is reachable only through hidden's field.
type deeper []deepest

type deepest struct{ A int }

func (deepest) Method() {}

// unmentioned appears in no exported declaration.
type unmentioned struct{ A int }

func (unmentioned) Method() {}

func unlistedFunc() {}
