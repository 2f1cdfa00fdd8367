package etcd

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"testing"
)

// lines returns how many lines of code the body of each function in a file has, without
// blank lines and comments.
func lines(t *testing.T, name string) map[string]int {
	t.Helper()
	source, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	hasCode := make(map[int]bool)
	var s scanner.Scanner
	scanned := files.AddFile(name, -1, len(source))
	s.Init(scanned, source, nil, 0)
	for {
		pos, what, text := s.Scan()
		if what == token.EOF {
			break
		}
		if what != token.SEMICOLON || text == ";" { // other semicolons are ends of lines
			hasCode[scanned.Line(pos)] = true
		}
	}
	counts := make(map[string]int)
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		for line := files.Position(f.Body.Lbrace).Line + 1; line < files.Position(f.Body.Rbrace).Line; line++ {
			if hasCode[line] {
				counts[f.Name.Name]++
			}
		}
	}
	return counts
}

func TestLines(t *testing.T) {
	t.Parallel()
	name := t.TempDir() + "/f.go"
	source := "package f\n\nfunc f() {\n\t// a comment\n\n\tg(\n\t\t1, // another\n\t)\n\t/* and\n\tone */\n}\n\nfunc g(int) {}\n"
	if err := os.WriteFile(name, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := lines(t, name); got["f"] != 3 || got["g"] != 0 {
		t.Errorf("lines %v, want 3 of f and none of g", got)
	}
}
