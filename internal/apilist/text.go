package main

import (
	"bytes"
	"go/types"
	"strconv"
	"strings"
)

// text returns t as Go writes it.
func (l *listing) text(t types.Type) string {
	l.mentions(t)
	return types.TypeString(t, l.qualifier)
}

// signature returns the type parameters, the parameters and the results of f.
func (l *listing) signature(f *types.Func) string {
	sig := f.Signature()
	l.mentions(sig)
	var b bytes.Buffer
	types.WriteSignature(&b, sig, l.qualifier)
	return b.String()
}

// typeParameters returns params in brackets, or "" if there are none.
func (l *listing) typeParameters(params *types.TypeParamList) string {
	if params.Len() == 0 {
		return ""
	}
	var texts []string
	for i := range params.Len() {
		p := params.At(i)
		texts = append(texts, p.Obj().Name()+" "+l.text(p.Constraint()))
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// qualifier returns the qualifier for identifiers of pkg: its name, or its path
// if several packages have that name.
func (l *listing) qualifier(pkg *types.Package) string {
	if pkg == l.types {
		return ""
	}
	l.imports[pkg.Path()] = pkg
	if l.ambiguous[pkg.Name()] {
		return strconv.Quote(pkg.Path())
	}
	return pkg.Name()
}

// mentions records the unexported types of the package that t mentions. They
// are listed too, since exported declarations hand them out.
func (l *listing) mentions(t types.Type) {
	switch t := t.(type) {
	case *types.Alias:
		l.mentionsName(t.Obj(), t.TypeArgs())
	case *types.Named:
		l.mentionsName(t.Obj(), t.TypeArgs())
	case *types.Pointer:
		l.mentions(t.Elem())
	case *types.Slice:
		l.mentions(t.Elem())
	case *types.Array:
		l.mentions(t.Elem())
	case *types.Chan:
		l.mentions(t.Elem())
	case *types.Map:
		l.mentions(t.Key())
		l.mentions(t.Elem())
	case *types.Tuple:
		for v := range t.Variables() {
			l.mentions(v.Type())
		}
	case *types.Signature:
		for p := range t.TypeParams().TypeParams() {
			l.mentions(p.Constraint())
		}
		l.mentions(t.Params())
		l.mentions(t.Results())
	case *types.Struct:
		for f := range t.Fields() {
			l.mentions(f.Type())
		}
	case *types.Interface:
		for m := range t.ExplicitMethods() {
			l.mentions(m.Type())
		}
		for e := range t.EmbeddedTypes() {
			l.mentions(e)
		}
	case *types.Union:
		for term := range t.Terms() {
			l.mentions(term.Type())
		}
	}
}

func (l *listing) mentionsName(name *types.TypeName, args *types.TypeList) {
	if name.Pkg() == l.types && !name.Exported() {
		l.mentioned = append(l.mentioned, name)
	}
	for arg := range args.Types() {
		l.mentions(arg)
	}
}
