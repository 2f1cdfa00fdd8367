package doctest

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The README names exactly what is declared for a service. Of the declarations
// for each method it shows one.
func TestGeneratedNames(t *testing.T) {
	t.Parallel()
	want := map[string]bool{"SquareService_Square_Host": true} // SquareService has no method with a host
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, "testdata/squares/square_gohost.pb.go"), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ofOtherMethod := regexp.MustCompile(`_(RangeSquare|SumSquare|StreamrangeSquare)_`)
	add := func(name string) {
		if ast.IsExported(name) && !ofOtherMethod.MatchString(name) {
			want[name] = true
		}
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil {
				add(decl.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				for _, name := range namesOf(spec) {
					add(name)
				}
			}
		}
	}
	var got []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w*SquareService\\w*)(?:\\(.*\\))?` \\|").FindAllStringSubmatch(readFile(t, "README.md"), -1) {
		got = append(got, m[1])
	}
	slices.Sort(got)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), got); diff != "" {
		t.Errorf("names in the README (-generated +README):\n%s", diff)
	}
}

var (
	variable = regexp.MustCompile(`\b(stub|stream)(, \w+)? :?= |[(\t ](stub|stream) [\w*]+\.\w+|\brange (stub|stream)\b[^.]`)
	selected = regexp.MustCompile(`(?:^|[^\w./` + "`" + `])(stub|stream)\.([A-Z]\w*)`)
)

// No variable in the documents, package comments and examples has the name of
// one of our packages: readers could not tell which of the two is meant.
func TestNoVariableHidesAPackage(t *testing.T) {
	t.Parallel()
	exported := make(map[string]bool)
	for _, dir := range []string{"stub", "stream"} {
		for _, name := range exportedBy(parsePackage(t, dir)) {
			exported[dir+"."+name] = true
		}
	}
	check := func(file string, line int, text string) {
		if m := variable.FindString(text); m != "" {
			t.Errorf("%s:%d: %q is a variable with the name of a package", file, line, m)
		}
		for _, m := range selected.FindAllStringSubmatch(text, -1) {
			if !exported[m[1]+"."+m[2]] {
				t.Errorf("%s:%d: package %s has no %s: name the variable otherwise", file, line, m[1], m[2])
			}
		}
	}
	for _, b := range blocks(t) {
		if b.language != "go" {
			continue
		}
		for i, text := range strings.Split(b.text, "\n") {
			check(b.file, b.line+i, text)
		}
	}
	for _, dir := range []string{".", "stub", "stream", "gateway", "examples"} {
		for _, file := range goFiles(t, dir) {
			if strings.HasSuffix(file, ".pb.go") {
				continue
			}
			for i, text := range strings.Split(readFile(t, file), "\n") {
				if comment := strings.TrimLeft(text, "\t "); strings.HasPrefix(comment, "//\t") || dir == "examples" {
					check(file, i+1, comment)
				}
			}
		}
	}
}

// exportedBy returns the names that pkg exports, without methods.
func exportedBy(pkg *doc.Package) []string {
	var names []string
	values, funcs := slices.Concat(pkg.Consts, pkg.Vars), pkg.Funcs
	for _, t := range pkg.Types {
		names = append(names, t.Name)
		values, funcs = slices.Concat(values, t.Consts, t.Vars), slices.Concat(funcs, t.Funcs)
	}
	for _, v := range values {
		names = append(names, v.Names...)
	}
	for _, f := range funcs {
		names = append(names, f.Name)
	}
	return names
}
