// Package templates holds the text of what the plugins write. How the
// templates are filled in is in the packages generator and generator/proxy.
//
// The package carries no compatibility promise: its API, and what the templates
// ask for, may change in any release. Use the plugins by their command lines.
package templates

import "embed"

// Go are the templates of Go files. The one to execute is file.go.tmpl.
//
//go:embed *.go.tmpl
var Go embed.FS

// Proxy are the templates of the configurations of proxies, one a target, and
// what they share, in shared.tmpl.
//
//go:embed proxy/*.tmpl
var Proxy embed.FS
