package main

// The files that the bugs of apilist are in.
const (
	apilistDeprecated = "internal/apilist/deprecated.go"
	apilistDiff       = "internal/apilist/diff.go"
	apilistFiles      = "internal/apilist/files.go"
	apilistHouse      = "internal/apilist/house.go"
	apilistListing    = "internal/apilist/listing.go"
	apilistMembers    = "internal/apilist/members.go"
	apilistText       = "internal/apilist/text.go"
)

var apilistBugs = []bug{
	// Which packages.
	{"commands listed", apilistHouse, "p.Name == \"main\" || ", ""},
	{"tests listed", apilistHouse, " || len(p.GoFiles) == 0", ""},
	{"internal listed", apilistHouse, "!slices.Contains(strings.Split(p.folder(), \"/\"), \"internal\") && ", ""},
	{"unpromised listed", apilistHouse, " && !slices.ContainsFunc(h.unpromised, below)", " || below(\"\")"},
	{"unpromised by a prefix of the name", apilistHouse, "p.folder()+\"/\", folder+\"/\"", "p.folder(), folder"},
	{"everything in a golden listed", apilistHouse, "p.suffix = suffix", "p.suffix = \"\""},
	{"two packages in a file", apilistHouse, "if other, ok := files[p.file]; ok {", "if other, ok := files[p.file]; ok && false {"},
	// Which things.
	{"unexported listed", apilistListing, "obj.Exported() && l.declares(obj)", "l.declares(obj)"},
	{"mentioned not listed", apilistListing, "if !l.listed[obj] {", "if false {"},
	{"mentioned in a field not listed", apilistText, "\t\tfor f := range t.Fields() {\n\t\t\tl.mentions(f.Type())\n\t\t}\n", ""},
	{"mentioned behind a pointer not listed", apilistText, "case *types.Pointer:\n\t\tl.mentions(t.Elem())", "case *types.Pointer:"},
	{"mentioned as an element not listed", apilistText, "case *types.Slice:\n\t\tl.mentions(t.Elem())", "case *types.Slice:"},
	{"mentioned as a result not listed", apilistText, "\t\tl.mentions(t.Results())\n", ""},
	{"exported mentioned", apilistText, "name.Pkg() == l.types && !name.Exported()", "name.Pkg() == l.types"},
	{"one name for two packages", apilistText, "if l.ambiguous[pkg.Name()] {", "if false {"},
	// Their members.
	{"hidden field listed", apilistMembers, "case found != f:", "case found != f && false:"},
	{"cycle of embedded types", apilistMembers, "seen[t] = true", "seen[t] = false"},
	{"fields of embedded types not listed", apilistMembers, "\t\t\t\tl.fields(named, inner, seen)\n", "\t\t\t\t_ = inner\n"},
	{"methods of embedded types listed", apilistMembers, " || isPromotedByExported(t, m.Index())", ""},
	{"methods of pointers as of values", apilistMembers, "star := \"*\"", "star := \"\""},
	{"unexported methods listed", apilistMembers, "!f.Exported() || isPromoted", "isPromoted"},
	{"other names of type parameters", apilistMembers, "if named.TypeParams().Len() == 0 {", "if true {"},
	{"unexported methods of an interface listed", apilistMembers, "if m.Exported() {\n\t\t\tl.member", "if true {\n\t\t\tl.member"},
	{"unexported interface listed as a whole", apilistMembers, "ok && l.isUnexported(e)", "ok && false"},
	{"no note of unexported fields", apilistMembers, "[]string{\"unexported fields\"}", "nil"},
	{"no note of unexported methods", apilistMembers, "return []string{\"unexported methods\"}", "return nil"},
	{"no note of incomparable types", apilistMembers, "if !types.Comparable(t) {", "if false {"},
	// What is deprecated.
	{"Deprecated within a paragraph", apilistDeprecated, "\"\\n\\nDeprecated: \"", "\"Deprecated\""},
	{"group not deprecated", apilistDeprecated, "mark(isDeprecated(n.Doc) || isDeprecated(s.Doc), s.Names...)", "mark(isDeprecated(s.Doc), s.Names...)"},
	{"embedded field not deprecated", apilistDeprecated, "if len(n.Names) == 0 {", "if false {"},
	{"field of a generic type not deprecated", apilistDeprecated, "case *types.Var:\n\t\tobj = o.Origin()", "case *types.Var:"},
	{"method of a generic type not deprecated", apilistDeprecated, "case *types.Func:\n\t\tobj = o.Origin()", "case *types.Func:"},
	{"package not deprecated", apilistListing, "if l.deprecated {", "if false {"},
	// The files.
	{"files of deleted packages stay", apilistFiles, "err = os.Remove(path)", "continue"},
	{"line ends of Windows are a difference", apilistFiles, "strings.ReplaceAll(string(text), \"\\r\\n\", \"\\n\")", "strings.Clone(string(text))"},
	{"no command that repairs it", apilistFiles, "errs = append(errs, errors.New(repair))", "_ = repair"},
	{"hunks in one", apilistDiff, "} else if i > to+context {", "} else if false {"},
	{"no context", apilistDiff, "from = max(start, i-context)", "from = max(start, i)"},
	{"lines of an empty hunk", apilistDiff, "if n > 0 {", "if true {"},
}
