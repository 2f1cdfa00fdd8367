package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// module writes a module with these files, keyed by name, into a folder.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module example.com/shop\n\ngo 1.24\n"
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var shop = house{unpromised: []string{"gen", "examples"}, generated: []string{"testdata/golden"}}

func shopFiles() map[string]string {
	return map[string]string{
		"shop.go":                           "package shop\n\nfunc Open() {}\n",
		"order/v2/order.go":                 "package order\n\nimport \"example.com/shop/internal/text\"\n\ntype Order struct{ text.Text }\n",
		"genuine/genuine.go":                "package genuine\n",
		"gen/gen.go":                        "package gen\n\nfunc Open() {}\n",
		"gen/deep/deep.go":                  "package deep\n",
		"examples/one/one.go":               "package one\n",
		"internal/text/text.go":             "package text\n\ntype Text string\n",
		"order/internal/x/x.go":             "package x\n",
		"cmd/shop/main.go":                  "package main\n\nfunc main() {}\n",
		"tests/only_test.go":                "package tests\n",
		"testdata/unlisted/a.go":            "package unlisted\n",
		"testdata/golden/golden.pb.go":      "package golden\n\ntype Message struct{ A int }\n",
		"testdata/golden/shop_gohost.pb.go": "package golden\n\nfunc New() *Message { return nil }\n",
	}
}

// texts returns the files in the folder api of dir.
func texts(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := read(dir)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// All packages that others can import are listed. Of the goldens, only our
// generated code is.
func TestPackages(t *testing.T) {
	t.Parallel()
	dir := module(t, shopFiles())
	if err := run(dir, shop, false, io.Discard); err != nil {
		t.Fatal(err)
	}
	const head = "# The exported API, one line per declaration. \"make api\" writes this file.\n\n"
	want := map[string]string{
		"shop.txt":    head + "package shop // import \"example.com/shop\"\n\nfunc Open()\n",
		"genuine.txt": head + "package genuine // import \"example.com/shop/genuine\"\n",
		"order-v2.txt": head + "package order // import \"example.com/shop/order/v2\"\n\nimport \"example.com/shop/internal/text\"\n\n" +
			"type Order struct\ntype Order struct, embedded text.Text\n",
		"testdata-golden.txt": strings.Replace(head, "The exported API", "What protoc-gen-gohost generates", 1) +
			"package golden // import \"example.com/shop/testdata/golden\"\n\nfunc New() *Message\n",
	}
	got := texts(t, dir)
	for _, name := range names(want, got) {
		if diff := unified(name, want[name], got[name]); diff != "" {
			t.Error(diff)
		}
	}
}

// A change of the API is an error of -check until it is written.
func TestCheck(t *testing.T) {
	t.Parallel()
	dir := module(t, shopFiles())
	change := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		name    string
		change  func()
		errors  []string // what the error of -check contains
		written string   // what writing reports
	}{
		{"nothing is written", func() {},
			[]string{"api/shop.txt is not the API of the code:\n--- api/shop.txt\n", "+func Open()\n", "api/genuine.txt is not", "make api"},
			"api/genuine.txt has changed\napi/order-v2.txt has changed\napi/shop.txt has changed\napi/testdata-golden.txt has changed\n"},
		{"nothing has changed", func() {}, nil, ""},
		{"a body", func() { change("shop.go", "package shop\n\nfunc Open() { shut() }\n\nfunc shut() {}\n") }, nil, ""},
		{"line ends of Windows", func() {
			change("api/shop.txt", strings.ReplaceAll(texts(t, dir)["shop.txt"], "\n", "\r\n"))
		}, nil, ""},
		{"a signature", func() { change("shop.go", "package shop\n\nfunc Open(name string) {}\n") },
			[]string{"\n-func Open()\n+func Open(name string)\n", "\nif the change is wanted: make api, and commit what it writes"},
			"api/shop.txt has changed\n"},
		{"a new package", func() {
			if err := os.Rename(filepath.Join(dir, "gen", "deep"), filepath.Join(dir, "deep")); err != nil {
				t.Fatal(err)
			}
		}, []string{"--- api/deep.txt\n", "@@ -0,0 +1,3 @@\n", "+package deep"}, "api/deep.txt has changed\n"},
		{"a package that is gone", func() {
			if err := os.RemoveAll(filepath.Join(dir, "genuine")); err != nil {
				t.Fatal(err)
			}
		}, []string{"--- api/genuine.txt\n", "@@ -1,3 +0,0 @@\n", "-package genuine"}, "api/genuine.txt has changed\n"},
	} {
		step.change()
		before := texts(t, dir)
		err := run(dir, shop, true, io.Discard)
		if (err == nil) != (step.errors == nil) {
			t.Errorf("%s: -check = %v, want %q", step.name, err, step.errors)
		}
		for _, want := range step.errors {
			if err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s: -check = %v, want it to contain %q", step.name, err, want)
			}
		}
		for name, text := range texts(t, dir) {
			if before[name] != text {
				t.Errorf("%s: -check has written %s", step.name, name)
			}
		}
		var w strings.Builder
		if err := run(dir, shop, false, &w); err != nil || w.String() != step.written {
			t.Errorf("%s: writing = %v, and says %q, want %q", step.name, err, w.String(), step.written)
		}
		if err := run(dir, shop, true, io.Discard); err != nil {
			t.Errorf("%s: -check after writing = %v", step.name, err)
		}
	}
}

// A package that cannot be listed is an error, and no file is written.
func TestErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"does not compile": {map[string]string{"shop.go": "package shop\n\nvar A = b\n"}, "undefined: b"},
		"does not parse":   {map[string]string{"shop.go": "package shop\n\nvar\n"}, "shop.go:4:1: "},
		"nothing to list":  {map[string]string{"main.go": "package main\n\nfunc main() {}\n"}, "no package that others can import"},
		"one file for two": {map[string]string{"a/b/b.go": "package b\n", "a-b/b.go": "package b\n"},
			"example.com/shop/a-b and example.com/shop/a/b would both be listed in a-b.txt: rename one of them"},
		"no such golden": {map[string]string{"shop.go": "package shop\n"}, "testdata/golden"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := house{}
			if name == "no such golden" {
				h.generated = []string{"testdata/golden"}
			}
			dir := module(t, test.files)
			if err := run(dir, h, false, io.Discard); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want one with %q", err, test.want)
			}
			if files := texts(t, dir); len(files) > 0 {
				t.Errorf("there are files: %q", files)
			}
		})
	}
}
