package migrate

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
)

const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedDeps | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedModule | packages.NeedTypesSizes

// A Migration is what has been found in the packages of some patterns.
type Migration struct {
	Fset    *token.FileSet
	Units   []*Unit
	Left    []Left
	Files   map[string][]byte // the new text of what changes
	Skipped []string          // packages that are not looked at, and why
}

// Run loads the packages that patterns name in dir, with their tests, and
// returns what can be moved so that all still compiles. It writes nothing.
func Run(dir string, tags string, opts Options, patterns ...string) (*Migration, error) {
	m := &Migration{Fset: token.NewFileSet()}
	pkgs, errs, err := m.load(dir, tags, nil, patterns)
	if err != nil {
		return nil, err
	}
	var good []*Package
	for _, pkg := range pkgs {
		switch {
		case len(errs[pkg.ID]) > 0:
			// What is moved elsewhere may be used there.
			return nil, fmt.Errorf("%s does not compile: %v", pkg.PkgPath, ofTypes(errs[pkg.ID])[0])
		case pkg.Module != nil && tooOld(pkg.Module.GoVersion):
			m.Skipped = append(m.Skipped, pkg.PkgPath+": go.mod says go "+pkg.Module.GoVersion+", and ranging over functions needs go 1.23")
		default:
			good = append(good, &Package{Fset: pkg.Fset, Files: pkg.Syntax, Types: pkg.Types, Info: pkg.TypesInfo})
		}
	}
	slices.Sort(m.Skipped)
	m.Skipped = slices.Compact(m.Skipped)
	result := Find(good, opts)
	m.Units, m.Left = result.Units, result.Left
	for {
		files, conflict, err := Apply(m.Fset, m.Units)
		if conflict != nil {
			m.drop(conflict, err.Error())
			continue
		}
		if err != nil {
			return nil, err
		}
		m.Files = files
		if len(files) == 0 {
			return m, nil
		}
		again, more, err := (&Migration{Fset: token.NewFileSet()}).load(dir, tags, files, patterns)
		if err != nil {
			return nil, err
		}
		broken := make(map[*Unit]string)
		for _, pkg := range again {
			for _, e := range ofTypes(more[pkg.ID]) {
				u := m.culprit(e)
				if u == nil {
					return nil, fmt.Errorf("the result does not compile: %v", e)
				}
				if broken[u] == "" {
					broken[u] = "the result would not compile: " + firstLine(e.Msg)
				}
			}
		}
		if len(broken) == 0 {
			return m, nil
		}
		for u, reason := range broken {
			m.drop(u, reason)
		}
	}
}

// ofTypes returns the errors of errs that are of types, all of them where there
// are none: what the go command says names files of its own.
func ofTypes(errs []packages.Error) []packages.Error {
	var found []packages.Error
	for _, e := range errs {
		if e.Kind == packages.TypeError {
			found = append(found, e)
		}
	}
	if len(found) == 0 {
		return errs
	}
	return found
}

// firstLine returns the first line of an error of the compiler that says what is
// wrong, and not where.
func firstLine(msg string) string {
	for line := range strings.Lines(msg) {
		if !strings.HasPrefix(line, "#") {
			return strings.TrimSpace(line)
		}
	}
	return msg
}

func tooOld(version string) bool {
	parts := strings.Split(version, ".")
	if len(parts) < 2 || parts[0] != "1" {
		return false
	}
	minor, err := strconv.Atoi(parts[1])
	return err == nil && minor < 23
}

// load returns the packages, and the errors of each by its ID.
func (m *Migration) load(dir, tags string, overlay map[string][]byte, patterns []string) ([]*packages.Package, map[string][]packages.Error, error) {
	config := &packages.Config{Mode: mode &^ packages.NeedDeps, Dir: dir, Fset: m.Fset, Tests: true, Overlay: overlay}
	if tags != "" {
		config.BuildFlags = []string{"-tags=" + tags}
	}
	pkgs, err := packages.Load(config, patterns...)
	if err != nil {
		return nil, nil, err
	}
	errs := make(map[string][]packages.Error)
	for _, pkg := range pkgs {
		if len(pkg.Errors) > 0 {
			errs[pkg.ID] = pkg.Errors
		}
	}
	return pkgs, errs, nil
}

// drop takes u out, and lists what it would have changed as left.
func (m *Migration) drop(u *Unit, reason string) {
	m.Units = slices.DeleteFunc(m.Units, func(x *Unit) bool { return x == u })
	for _, c := range u.Changes {
		m.Left = append(m.Left, Left{c.Pos, c.Kind, reason})
	}
	slices.SortStableFunc(m.Left, func(a, b Left) int {
		x, y := m.Fset.Position(a.Pos), m.Fset.Position(b.Pos)
		return cmp.Or(cmp.Compare(x.Filename, y.Filename), cmp.Compare(x.Offset, y.Offset))
	})
}

// culprit returns the unit that changes a file nearest to the line of e, or any
// unit of that file, or of its folder, nil if there is none.
func (m *Migration) culprit(e packages.Error) *Unit {
	name, rest, _ := strings.Cut(e.Pos, ":")
	number, _, _ := strings.Cut(rest, ":")
	line, _ := strconv.Atoi(number)
	var best *Unit
	distance := 0
	for _, u := range m.Units {
		for _, edit := range u.Edits {
			at := m.Fset.PositionFor(edit.Pos, false)
			d := 1 << 20
			if at.Filename == name {
				d = max(at.Line-line, line-at.Line)
			} else if folder(at.Filename) != folder(name) {
				d = 1 << 21
			}
			if best == nil || d < distance {
				best, distance = u, d
			}
		}
	}
	return best
}

func folder(name string) string { return name[:strings.LastIndexByte(name, '/')+1] }
