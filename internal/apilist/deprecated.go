package main

import (
	"go/ast"
	"go/types"
	"strings"
)

// docs holds the objects whose comments mark them as deprecated.
type docs map[types.Object]bool

// deprecated reports whether obj, which may be part of an instance of a generic
// type, is deprecated.
func (d docs) deprecated(obj types.Object) bool {
	switch o := obj.(type) {
	case *types.Func:
		obj = o.Origin()
	case *types.Var:
		obj = o.Origin()
	}
	return d[obj]
}

func readDocs(files []*ast.File, info *types.Info) docs {
	d := make(docs)
	mark := func(deprecated bool, names ...*ast.Ident) {
		for _, name := range names {
			if obj := info.Defs[name]; obj != nil && deprecated {
				d[obj] = true
			}
		}
	}
	visit := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			for _, spec := range n.Specs {
				switch s := spec.(type) {
				case *ast.ValueSpec:
					mark(isDeprecated(n.Doc) || isDeprecated(s.Doc), s.Names...)
				case *ast.TypeSpec:
					mark(isDeprecated(n.Doc) || isDeprecated(s.Doc), s.Name)
				}
			}
		case *ast.FuncDecl:
			mark(isDeprecated(n.Doc), n.Name)
			return false
		case *ast.Field:
			mark(isDeprecated(n.Doc), n.Names...)
			if len(n.Names) == 0 {
				mark(isDeprecated(n.Doc), embeddedName(n.Type))
			}
		}
		return true
	}
	for _, file := range files {
		ast.Inspect(file, visit)
	}
	return d
}

// embeddedName returns the identifier that names the field of an embedded type,
// or nil if the embedded element of an interface has no name.
func embeddedName(expr ast.Expr) *ast.Ident {
	switch e := expr.(type) {
	case *ast.Ident:
		return e
	case *ast.StarExpr:
		return embeddedName(e.X)
	case *ast.SelectorExpr:
		return e.Sel
	case *ast.IndexExpr:
		return embeddedName(e.X)
	case *ast.IndexListExpr:
		return embeddedName(e.X)
	}
	return nil
}

// isDeprecated reports whether doc, which may be nil, has a paragraph that Go's
// tools take as a deprecation.
func isDeprecated(doc *ast.CommentGroup) bool {
	return strings.Contains("\n\n"+doc.Text(), "\n\nDeprecated: ")
}
