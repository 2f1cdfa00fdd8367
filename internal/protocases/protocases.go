// Package protocases holds .proto files that are hard on a generator: names,
// files, comments and requests that break it, or whose output Go ignores. Tests
// generate each of them, and build those that can be built together.
package protocases

import (
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/internal/plugintest"
)

// Case is one input and its expected result.
type Case struct {
	Group string
	Name  string // describes the case, and is its key

	// The .proto files by name. "$GO" in them, and in Parameter, is a Go import
	// path that no other case has.
	Files     map[string]string
	Parameter string
	Generate  []string // the files to generate; nil for all
	Edit      func(*pluginpb.CodeGeneratorRequest)

	// Errors has a part of each error, in order. If it is empty, the case is
	// built.
	Errors []string
	// Warnings has a part of each warning, in order, if the case is about them.
	Warnings []string

	Beside bool   // protoc-gen-go-grpc's output is built in the same package, if it builds at all
	NoVet  string // why go vet does not check it
	Alone  string // why protoc-gen-go's output for a.proto is not built with it
	Apart  bool   // "./..." skips the Go package, so it is built by name
	Other  bool   // protoc-gen-go's output is in the other module
}

// Builds reports whether the case is generated and built.
func (c Case) Builds() bool { return len(c.Errors) == 0 }

// All returns the cases, in the order in which they are listed.
func All() []Case {
	return slices.Concat(
		group("names", names()),
		group("packages and files", packages()),
		group("content", content()),
		group("syntax", syntax()),
		group("requests", requests()),
		group("options", options()),
	)
}

func group(name string, cases []Case) []Case {
	for i := range cases {
		cases[i].Group = name
	}
	return cases
}

// Slug returns the name as an element of a path.
func (c Case) Slug() string {
	slug := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, strings.ToLower(c.Group[:1]+" "+c.Name))
	return strings.Trim(strings.Join(strings.FieldsFunc(slug, func(r rune) bool { return r == '-' }), "-"), "-")
}

// Request returns the request to generate the case.
func (c Case) Request() (*pluginpb.CodeGeneratorRequest, error) {
	fill := func(s string) string { return strings.ReplaceAll(s, "$GO", Module+"/"+c.Slug()) }
	sources := make(map[string]string)
	for name, text := range c.Files {
		sources[name] = fill(text)
	}
	files := c.Generate
	if files == nil {
		files = slices.Sorted(maps.Keys(sources))
	}
	req, err := plugintest.RequestFromSources(fill(c.Parameter), sources, files...)
	if err == nil && c.Edit != nil {
		c.Edit(req)
	}
	return req, err
}

// one returns a single file with body after its package and Go package.
func one(body string) map[string]string {
	return map[string]string{"a.proto": proto3("$GO", body)}
}

// proto3 returns a file with the Go package goPackage and body, which begins at line 4.
func proto3(goPackage, body string) string {
	return "syntax = \"proto3\";\npackage p;\noption go_package = \"" + goPackage + "\";\n" + body
}
