package main

import "go/types"

// typeName adds a type and its members.
func (l *listing) typeName(name *types.TypeName) {
	if alias, ok := name.Type().(*types.Alias); ok {
		l.add(typeNames, name, "type "+name.Name()+l.typeParameters(alias.TypeParams())+" = "+l.text(alias.Rhs()))
		return
	}
	named := name.Type().(*types.Named)
	head := "type " + name.Name() + l.typeParameters(named.TypeParams()) + " "
	switch t := named.Underlying().(type) {
	case *types.Struct:
		l.add(typeNames, name, head+"struct", structNotes(t)...)
		l.fields(named, t, make(map[types.Type]bool))
		l.methods(named)
	case *types.Interface:
		l.add(typeNames, name, head+"interface", interfaceNotes(t)...)
		l.elements(name, t)
	default:
		l.add(typeNames, name, head+l.text(t))
		l.methods(named)
	}
}

func structNotes(t *types.Struct) []string {
	var notes []string
	for f := range t.Fields() {
		if !f.Exported() {
			notes = []string{"unexported fields"}
		}
	}
	if !types.Comparable(t) {
		notes = append(notes, "not comparable")
	}
	return notes
}

func interfaceNotes(t *types.Interface) []string {
	for m := range t.Methods() {
		if !m.Exported() {
			return []string{"unexported methods"}
		}
	}
	return nil
}

// fields adds the fields of t, which is named's type or is embedded in it.
func (l *listing) fields(named *types.Named, t *types.Struct, seen map[types.Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	prefix := "type " + named.Obj().Name() + " struct, "
	for f := range t.Fields() {
		switch found, _, _ := types.LookupFieldOrMethod(named, true, l.types, f.Name()); {
		case found != f: // another one hides it
		case f.Exported() && f.Embedded():
			l.member(named.Obj(), embedded, f, prefix+"embedded "+l.text(f.Type()))
		case f.Exported():
			l.member(named.Obj(), field, f, prefix+f.Name()+" "+l.text(f.Type()))
		case f.Embedded():
			if inner, ok := dereference(f.Type()).Underlying().(*types.Struct); ok {
				l.fields(named, inner, seen)
			}
		}
	}
}

// methods adds the methods of named.
func (l *listing) methods(named *types.Named) {
	t := receiver(named)
	ofValue := types.NewMethodSet(t)
	for m := range types.NewMethodSet(types.NewPointer(t)).Methods() {
		f := m.Obj().(*types.Func)
		if !f.Exported() || isPromotedByExported(t, m.Index()) {
			continue
		}
		star := "*"
		if ofValue.Lookup(f.Pkg(), f.Name()) != nil {
			star = ""
		}
		l.member(named.Obj(), method, f, "method ("+star+types.TypeString(t, l.qualifier)+") "+f.Name()+l.signature(f))
	}
}

// receiver returns named with its own type parameters as arguments. So all
// methods use these names, whatever names their receivers declare.
func receiver(named *types.Named) types.Type {
	if named.TypeParams().Len() == 0 {
		return named
	}
	var args []types.Type
	for p := range named.TypeParams().TypeParams() {
		args = append(args, p)
	}
	t, err := types.Instantiate(nil, named, args, false)
	if err != nil {
		return named // fails only with too many or too few arguments
	}
	return t
}

// isPromotedByExported reports whether index leads through an exported embedded
// field of t.
func isPromotedByExported(t types.Type, index []int) bool {
	for _, i := range index[:len(index)-1] {
		f := dereference(t).Underlying().(*types.Struct).Field(i)
		if f.Exported() {
			return true
		}
		t = f.Type()
	}
	return false
}

// elements adds the elements of an interface: its methods and what it embeds.
func (l *listing) elements(name *types.TypeName, t *types.Interface) {
	prefix := "type " + name.Name() + " interface, "
	for m := range t.ExplicitMethods() {
		if m.Exported() {
			l.member(name, method, m, prefix+m.Name()+l.signature(m))
		}
	}
	for e := range t.EmbeddedTypes() {
		if inner, ok := e.Underlying().(*types.Interface); ok && l.isUnexported(e) {
			l.elements(name, inner)
		} else {
			l.lines = append(l.lines, line{typeNames, name.Name(), embedded, "", prefix + "embedded " + l.text(e)})
		}
	}
}

// isUnexported reports whether t is an unexported type of the package.
func (l *listing) isUnexported(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() == l.types && !named.Obj().Exported()
}

// dereference returns the type that t points to, or t if it is not a pointer.
func dereference(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}
