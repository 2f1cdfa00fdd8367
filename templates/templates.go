// Package templates holds the templates of the plugins' output. The packages
// generator and generator/proxy execute them.
//
// The package has no compatibility promise: its API, and the data that the
// templates need, may change in any release. Use the plugins by their command
// lines.
package templates

import "embed"

// Go has the templates of Go files. The one to execute is file.go.tmpl.
//
//go:embed *.go.tmpl
var Go embed.FS

// Proxy has the templates of the configurations of proxies, one per target, and
// their common parts in shared.tmpl.
//
//go:embed proxy/*.tmpl
var Proxy embed.FS
