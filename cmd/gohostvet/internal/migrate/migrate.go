// Package migrate moves code from what protoc-gen-go-grpc generates to what
// protoc-gen-gohost generates beside it: it finds what can be moved without a
// change of behaviour, the edits that move it, and why the rest is left.
package migrate

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
)

// A Package is one package to be migrated, with its types.
type Package struct {
	Fset  *token.FileSet
	Files []*ast.File
	Types *types.Package
	Info  *types.Info
}

// Options are what the user chooses.
type Options struct {
	// Merge lets the handling of an error of Recv (or CloseAndRecv) stand for
	// that of opening the call and of sending, where they differ.
	Merge bool
	// Split keeps a second client for the calls that are left, so that others that
	// share their client can be moved.
	Split bool
	// Local leaves what other packages, or other files of this one, may see.
	Local bool
}

// An Edit replaces the text from Pos to End by New.
type Edit struct {
	Pos, End token.Pos
	New      string
}

// A Change is one call or handler that is moved.
type Change struct {
	Pos  token.Pos
	Kind string // such as "unary call"
}

// A Left is one call or handler that is left, and why.
type Left struct {
	Pos    token.Pos
	Kind   string // as of a Change
	Reason string
}

// A Unit is a set of edits of which all or none are made.
type Unit struct {
	Changes []Change
	Notes   []Left // what the user should look at, though it was moved
	Edits   []Edit
	Server  bool                // of a server, not of a client
	Imports map[string][]string // by file name: paths, or "name path", that the edits need
}

// A Result is what Find found.
type Result struct {
	Units []*Unit
	Left  []Left
}

// Find returns what can be moved in pkgs, which are all packages that may refer
// to each other, and what cannot.
func Find(pkgs []*Package, opts Options) *Result {
	p := &program{
		opts:     opts,
		byName:   make(map[string]*file),
		services: make(map[string]map[string]member),
		nodes:    make(map[string]*node),
		methods:  make(map[string][]usedAt),
		consumed: make(map[ast.Expr]bool),
		decls:    make(map[string]*declared),
		names:    make(map[ast.Node]map[string]bool),
		forked:   make(map[string]*fork),
		chosen:   make(map[nameOf][]string),
		handed:   make(map[string]map[token.Pos]bool),
		result:   new(Result),
	}
	// The variant of a package that has its tests in it comes first.
	pkgs = slices.Clone(pkgs)
	slices.SortStableFunc(pkgs, func(a, b *Package) int { return cmp.Compare(len(b.Files), len(a.Files)) })
	for _, pkg := range pkgs {
		p.fset = pkg.Fset
		for _, f := range pkg.Files {
			p.addFile(pkg, f)
		}
	}
	slices.SortFunc(p.files, func(a, b *file) int { return cmp.Compare(a.name, b.name) })
	p.forks()
	for _, f := range p.files {
		p.scan(f)
	}
	p.handings()
	p.blockServices()
	p.joinForks()
	p.convert()
	slices.SortFunc(p.result.Left, func(a, b Left) int { return p.compare(a.Pos, b.Pos) })
	return p.result
}

func (p *program) compare(a, b token.Pos) int {
	x, y := p.fset.Position(a), p.fset.Position(b)
	return cmp.Or(cmp.Compare(x.Filename, y.Filename), cmp.Compare(x.Offset, y.Offset))
}

// program is everything that is looked at.
type program struct {
	fset      *token.FileSet
	opts      Options
	files     []*file
	byName    map[string]*file
	services  map[string]map[string]member // by package path and name
	nodes     map[string]*node             // by position
	methods   map[string][]usedAt          // uses of functions, by their position
	consumed  map[ast.Expr]bool            // values that a flow accounts for
	decls     map[string]*declared         // function declarations by position
	blocked   []blockedService
	constants []rename
	names     map[ast.Node]map[string]bool // new variables, by function
	forked    map[string]*fork             // by variable
	chosen    map[nameOf][]string
	handed    map[string]map[token.Pos]bool // streams that are arguments, by parameter
	result    *Result
}

// usedAt is where something is used.
type usedAt struct {
	file  *file
	ident *ast.Ident
}

type blockedService struct {
	svc    *service
	server bool
	left   Left
}

type declared struct {
	file *file
	decl *ast.FuncDecl
}

// file is one file that may be edited.
type file struct {
	ast     *ast.File
	pkg     *Package
	name    string
	src     []byte
	parents map[ast.Node]ast.Node
}

func (p *program) addFile(pkg *Package, f *ast.File) {
	name := p.fset.PositionFor(f.Package, false).Filename
	if p.byName[name] != nil || ast.IsGenerated(f) || filepath.Ext(name) != ".go" {
		return
	}
	src, err := os.ReadFile(name)
	if err != nil || p.fset.File(f.Package).Size() != len(src) {
		return
	}
	g := &file{ast: f, pkg: pkg, name: name, src: src, parents: make(map[ast.Node]ast.Node)}
	var stack []ast.Node
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		if len(stack) > 0 {
			g.parents[n] = stack[len(stack)-1]
		}
		stack = append(stack, n)
		if d, ok := n.(*ast.FuncDecl); ok {
			p.decls[p.key(d.Name.Pos())] = &declared{file: g, decl: d}
		}
		return true
	})
	p.byName[name] = g
	p.files = append(p.files, g)
}

// key identifies what is declared at pos in all variants of a package.
func (p *program) key(pos token.Pos) string {
	return p.fset.PositionFor(pos, false).String()
}

func (p *program) fileOf(pos token.Pos) *file {
	return p.byName[p.fset.PositionFor(pos, false).Filename]
}

// text returns the source of n.
func (p *program) text(f *file, n ast.Node) string { return p.slice(f, n.Pos(), n.End()) }

func (p *program) slice(f *file, pos, end token.Pos) string {
	return string(f.src[p.fset.PositionFor(pos, false).Offset:p.fset.PositionFor(end, false).Offset])
}

// parent returns the parent of n, parentheses left out.
func (f *file) parent(n ast.Node) ast.Node {
	up := f.parents[n]
	for {
		paren, ok := up.(*ast.ParenExpr)
		if !ok {
			return up
		}
		up = f.parents[paren]
	}
}

// function returns the innermost function that n is in: an *ast.FuncDecl, an
// *ast.FuncLit or nil.
func (f *file) function(n ast.Node) ast.Node {
	for up := f.parents[n]; up != nil; up = f.parents[up] {
		switch up.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			return up
		}
	}
	return nil
}
