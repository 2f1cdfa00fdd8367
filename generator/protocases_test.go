package generator_test

import (
	"bytes"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/internal/plugintest"
	"github.com/gohostrpc/gohost/internal/protocases"
)

// Each case is refused with its errors, or generated and built together with
// the output of protoc-gen-go. The table in testdata/README.md has the results.
func TestAnyProto(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	workspace, err := protocases.NewWorkspace(dir, "..")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	var ours []string // our files that must be in the build
	vet := []string{"vet"}
	build := []string{"build", "./..."}  // and the packages that "./..." skips
	for _, c := range protocases.All() { //nolint:paralleltest // in the order of the table
		t.Run(c.Slug(), func(t *testing.T) {
			req, err := c.Request()
			if err != nil {
				t.Fatal(err)
			}
			var warnings bytes.Buffer
			files, err := plugintest.Files(generator.Generate(req, &warnings))
			rows = append(rows, fmt.Sprintf("| %s | %s | %s |\n", c.Group, cell(c.Name), result(c, files, warnings.String(), err)))
			if c.Warnings != nil {
				checkLines(t, "warnings", warnings.String(), c.Warnings)
			}
			if !c.Builds() {
				checkErrors(t, c, err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for name, text := range files {
				checkText(t, name, text)
			}
			if runtime.GOOS == "windows" && hasReserved(files) {
				t.Skip("Windows has no files with such names")
			}
			added, err := workspace.Add(c.Slug(), files)
			if err != nil {
				t.Fatal(err)
			}
			ours = append(ours, added...)
			for _, name := range added {
				if c.NoVet == "" {
					vet = append(vet, "./"+path.Dir(name))
				}
				if c.Apart {
					build = append(build, "./"+path.Dir(name))
				}
			}
			messages, err := plugintest.Files(plugintest.ProtocGenGo(req))
			if err != nil {
				t.Fatal(err)
			}
			if c.Alone != "" {
				maps.DeleteFunc(messages, func(name, _ string) bool { return filepath.Base(name) == "a.pb.go" })
			}
			if c.Other {
				err = workspace.AddOther(messages)
			} else {
				_, err = workspace.Add(c.Slug(), messages)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	checkTable(t, rows)
	t.Run("build", func(t *testing.T) {
		if _, err := workspace.Go(t.Context(), build...); err != nil {
			t.Fatal(err)
		}
		if _, err := workspace.Go(t.Context(), slices.Compact(vet)...); err != nil {
			t.Error(err)
		}
		list, err := workspace.Go(t.Context(), append([]string{"list", "-f", `{{$dir := .Dir}}{{range .GoFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}`}, build[1:]...)...)
		if err != nil {
			t.Fatal(err)
		}
		built := make(map[string]bool)
		for line := range strings.Lines(list) {
			built[filepath.Clean(strings.TrimSpace(line))] = true
		}
		for _, name := range ours {
			if !built[filepath.Join(dir, name)] {
				t.Errorf("%s is not in the build", name)
			}
		}
	})
}

// hasReserved reports whether a file has a name that Windows does not allow.
func hasReserved(files map[string]string) bool {
	for name := range files {
		if strings.ContainsAny(name, `<>:"\|?*`) {
			return true
		}
	}
	return false
}

// checkErrors checks that err has exactly the errors of c, in that order.
func checkErrors(t *testing.T, c protocases.Case, err error) {
	t.Helper()
	if err == nil {
		t.Fatalf("it is generated, want the errors %q", c.Errors)
	}
	checkLines(t, "errors", err.Error(), c.Errors)
}

// checkLines checks that each line of text has its part in wants.
func checkLines(t *testing.T, what, text string, wants []string) {
	t.Helper()
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return line == "" })
	if len(lines) != len(wants) {
		t.Fatalf("%d %s, want %d:\n%s", len(lines), what, len(wants), text)
	}
	for i, line := range lines {
		if !strings.Contains(line, wants[i]) {
			t.Errorf("%s, line %d: %s\nwant one with %s", what, i, line, wants[i])
		}
		checkPrintable(t, what, line)
		if strings.Contains(line, "\u00a0") {
			t.Errorf("%s, line %d has a space that varies from build to build: %q", what, i, line)
		}
	}
}

// checkText checks that generated code is readable text, parses, and has no
// comment with a meaning for a tool.
func checkText(t *testing.T, name, text string) {
	t.Helper()
	checkPrintable(t, name, text)
	f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Text != "//" && !strings.HasPrefix(c.Text, "// ") && !strings.HasPrefix(c.Text, "//\t") || strings.HasPrefix(strings.TrimLeft(c.Text, "/ \t"), "+build") {
				t.Errorf("%s: comment %q", name, c.Text)
			}
		}
	}
}

// checkPrintable checks that text hides nothing from a reader and does not
// reorder it.
func checkPrintable(t *testing.T, name, text string) {
	t.Helper()
	for i, r := range text {
		hidden := unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r == utf8.RuneError && !strings.HasPrefix(text[i:], string(r))
		if hidden && r != '\n' && r != '\t' {
			t.Errorf("%s: character %U in %q", name, r, text[max(0, i-20):min(len(text), i+20)])
		}
	}
}

// result returns the table's entry for a case.
func result(c protocases.Case, files map[string]string, warnings string, err error) string {
	lines := func(text string) string {
		text = strings.ReplaceAll(strings.TrimSpace(text), protocases.Module+"/"+c.Slug(), "$GO")
		return strings.ReplaceAll(cell(text), "\n", "<br>")
	}
	switch {
	case err != nil:
		return "refused: " + lines(err.Error())
	case len(c.Warnings) > 0:
		return "builds: " + lines(warnings)
	case len(files) == 0:
		return "no output"
	case c.Beside:
		return "builds, also with protoc-gen-go-grpc"
	case c.Alone != "":
		return "builds without the file of protoc-gen-go: " + c.Alone
	case c.NoVet != "":
		return "builds, without go vet: " + c.NoVet
	}
	return "builds"
}

// cell returns s escaped for a Markdown table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "`", "&#96;", "*", `\*`, "_", `\_`, "\\", `\\`, "\t", " ").Replace(s)
}

const tableBegin, tableEnd = "<!-- the table is written by go test ./generator -update -->\n", "<!-- end of the table -->\n"

// checkTable compares the table in testdata/README.md, or writes it.
func checkTable(t *testing.T, rows []string) {
	t.Helper()
	name := filepath.Join(testdata, "README.md")
	readme, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if all := len(protocases.All()); len(rows) != all {
		t.Logf("the table in %s is neither compared nor written: %d of %d cases have run", name, len(rows), all)
	}
	want, err := withTable(string(readme), rows, len(protocases.All()))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(strings.Split(string(readme), "\n"), strings.Split(want, "\n")); diff != "" {
		t.Errorf("the table in %s (-there +got):\n%s\n%s", name, diff, repair)
	}
}

// withTable returns readme with a table of rows, one per case. If only some of
// the cases have run, it returns readme unchanged, since readme may have rows
// for the others.
func withTable(readme string, rows []string, cases int) (string, error) {
	before, rest, ok1 := strings.Cut(readme, tableBegin)
	_, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok1 || !ok2 {
		return "", errors.New("there is no place for the table")
	}
	if len(rows) != cases {
		return readme, nil
	}
	return before + tableBegin + "| group | input | result |\n| --- | --- | --- |\n" + strings.Join(rows, "") + tableEnd + after, nil
}

// A run of some cases does not change the table; a run of all replaces it.
func TestTableNeedsAllCases(t *testing.T) {
	t.Parallel()
	table := func(rows string) string {
		return "# Cases\n" + tableBegin + "| group | input | result |\n| --- | --- | --- |\n" + rows + tableEnd + "End.\n"
	}
	there := table("| a | 1 | builds |\n| a | 2 | builds |\n")
	for _, test := range []struct {
		rows []string
		want string
	}{
		{nil, there},
		{[]string{"| a | 2 | refused |\n"}, there},
		{[]string{"| a | 1 | builds |\n", "| a | 2 | refused |\n"}, table("| a | 1 | builds |\n| a | 2 | refused |\n")},
	} {
		got, err := withTable(there, test.rows, 2)
		if err != nil || got != test.want {
			t.Errorf("%d of 2 cases: error %v, README (-want +got):\n%s", len(test.rows), err, cmp.Diff(test.want, got))
		}
	}
	if _, err := withTable("# Cases\n", nil, 0); err == nil {
		t.Error("a README without a place for the table is accepted")
	}
}

// No two cases share a folder.
func TestCasesAreApart(t *testing.T) {
	t.Parallel()
	slugs := make(map[string]string)
	for _, c := range protocases.All() {
		if other, taken := slugs[c.Slug()]; taken {
			t.Errorf("%q and %q are both %s", c.Name, other, c.Slug())
		}
		slugs[c.Slug()] = c.Name
	}
	if len(slugs) < 100 {
		t.Errorf("%d cases: %q", len(slugs), slices.Sorted(maps.Values(slugs)))
	}
}
