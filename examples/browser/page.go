package main

import (
	"embed"
	"io/fs"
	"net/http"
)

// files are the page, as made by web/build.
//
//go:embed web/page
var files embed.FS

// page serves the page.
func page() http.Handler {
	dir, err := fs.Sub(files, "web/page")
	if err != nil {
		panic(err) // the path is not valid
	}
	server := http.FileServerFS(dir)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		server.ServeHTTP(w, r)
	})
}
