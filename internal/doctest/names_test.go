package doctest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The README names all that is declared for a service, and nothing else. Of what
// there is for each method it shows one.
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
