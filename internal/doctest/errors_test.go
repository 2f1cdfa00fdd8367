package doctest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const troubleshooting = "docs/troubleshooting.md"

// makers are the functions that make an error or a warning from a text, with
// the index of that argument.
var makers = map[string]int{
	"errors.New": 0, "fmt.Errorf": 0, "diag.Errorf": 1,
	"status.Error": 1, "status.Errorf": 1, "status.New": 1, "connect.Errorf": 1, "errOption": 1, "pushback.AtOnce": 1,
	"misuse": 1, "refuse": 1, "e.errorf": 0, "logger.WarnContext": 1, "h.warn": 2, "diag.Warn": 2,
}

// The first columns of the tables of docs/troubleshooting.md list exactly the
// messages that the code can give, with … for what varies.
func TestMessages(t *testing.T) {
	t.Parallel()
	inCode := make(map[string]string) // where each message is
	for _, dir := range []string{".", "stub", "stream", "drain", "connscale", "gateway", "gohostconnect", "generator", "internal", "cmd"} {
		for _, file := range goFiles(t, dir) {
			for _, message := range messagesOf(t, file) {
				inCode[message] = file
			}
		}
	}
	page := regexp.MustCompile("(?m)^\\| `(.+?)` \\|").FindAllStringSubmatch(readFile(t, troubleshooting), -1)
	inPage := make(map[string]bool)
	for _, m := range page {
		message := strings.ReplaceAll(m[1], `\|`, `|`)
		if inPage[message] {
			t.Errorf("%s has %q twice", troubleshooting, message)
		}
		inPage[message] = true
		if inCode[message] == "" {
			t.Errorf("%s has %q, which nothing in the code says", troubleshooting, message)
		}
	}
	for message, file := range inCode {
		if !inPage[message] {
			t.Errorf("%s does not say what to do about %q of %s", troubleshooting, message, file)
		}
	}
}

// goFiles returns the files in dir with code of the plugins and of users'
// programs. It includes the folders below dir unless dir is the root.
func goFiles(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		name = filepath.ToSlash(name)
		if d.IsDir() && (dir == "." && name != "." || slices.Contains([]string{"cmd/gohostvet", "internal/apilist", "internal/exportdata", "internal/mutate", "internal/plugintest", "internal/protocases"}, name)) {
			return filepath.SkipDir
		}
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			files = append(files, name)
		}
		return nil
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", dir, len(files), err)
	}
	return files
}

var (
	verb = regexp.MustCompile(`%[+#]?[a-zA-Z]`)
	word = regexp.MustCompile(`[a-zA-Z]{2,} [a-zA-Z]`)
)

// messagesOf returns the texts from which file makes errors. A text with fewer
// than two words is only a prefix of another error.
func messagesOf(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var messages []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		at, ok := makers[nameOf(call.Fun)]
		if !ok || at >= len(call.Args) {
			return true
		}
		message := strings.Trim(verb.ReplaceAllString(textOf(call.Args[at]), "…"), " ")
		if word.MatchString(message) {
			messages = append(messages, message)
		}
		return true
	})
	return messages
}

// nameOf returns the name of a function, qualified by its package or value.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if e.Sel.Name == "refuse" { // services and upstreams have it, and their variables have many names
			return e.Sel.Name
		}
		if x, ok := e.X.(*ast.Ident); ok {
			return x.Name + "." + e.Sel.Name
		}
	}
	return ""
}

// textOf returns the string e, with … for the parts that are not constant.
func textOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.BinaryExpr:
		return textOf(e.X) + textOf(e.Y)
	case *ast.CallExpr: // fmt.Sprintf
		if nameOf(e.Fun) == "fmt.Sprintf" {
			return textOf(e.Args[0])
		}
	}
	return "…"
}
