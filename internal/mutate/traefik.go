package main

const (
	proxyHTTPRoute     = "generator/proxy/httproute.go"
	proxyIngressNginx  = "generator/proxy/ingressnginx.go"
	proxyTraefikCRD    = "generator/proxy/traefikcrd.go"
	proxyTraefikLabels = "generator/proxy/traefiklabels.go"
)

// traefikBugs are those of what Kubernetes and docker compose get for Traefik, and
// of Ingresses.
var traefikBugs = []bug{
	// HTTPRoutes.
	{"HTTPRoutes for all classes", proxyGatewayAPI, "if c.GatewayClass == traefikClass {", "if true {"},
	{"HTTPRoutes checked as GRPCRoutes", proxyGatewayAPI, "if c.GatewayClass == traefikClass {", "if false {"},
	{"paths of wider hosts forgotten", proxyHTTPRoute, "append(m.VirtualHost.All(), shadows(m, wider)...)", "m.VirtualHost.All()"},
	{"paths of hosts that are not wider", proxyHTTPRoute, "return m.Wildcard() && m.Pattern != h.Pattern && strings.HasSuffix(h.Pattern, m.Suffix())", "return m.Wildcard()"},
	{"path of a wider host to the default in spite of the service", proxyHTTPRoute, "service != nil {", "service != nil && false {"},
	{"path of a wider host twice", proxyHTTPRoute, "if own[r.Path()] != nil {", "if false {"},
	{"path of two wider hosts twice", proxyHTTPRoute, "own[r.Path()] = shadow.Upstream", "_ = shadow.Upstream"},
	{"host loses against a wildcard of its length", proxyHTTPRoute, "if len(w.Pattern) == len(h.Pattern) {", "if len(w.Pattern) < 0 {"},
	{"all rules twice", proxyHTTPRoute, "if len(w.Pattern) == len(h.Pattern) {", "if len(w.Pattern) > 0 {"},
	{"65 matches", proxyHTTPRoute, "== maxMatches {", "== maxMatches+1 {"},
	{"63 matches", proxyHTTPRoute, "== maxMatches {", "== maxMatches-1 {"},
	{"path of 900", proxyHTTPRoute, "n > maxPath", "n > maxPath+1"},
	{"path of 898", proxyHTTPRoute, "n > maxPath", "n >= maxPath"},
	{"name of an HTTPRoute twice", proxyHTTPRoute, "name := names.unique(strings.Replace(m.Pattern, \"*\", \"any\", 1))", "name := strings.Replace(m.Pattern, \"*\", \"any\", 1); _ = names"},
	{"several rules for a wildcard that stands for others", proxyHTTPRoute, "limit = 1 //", "limit = 15 //"},
	{"one rule for each host", proxyHTTPRoute, "limit := maxHTTPRules", "limit := 1"},
	{"16 rules and one again", proxyHTTPRoute, "maxHTTPRules = 15", "maxHTTPRules = 16"},
	{"points for a wildcard that stands for others", proxyHTTPRoute, "j >= 0 && !isWider {", "j >= 0 {"},
	{"each host by itself", proxyHTTPRoute, "j >= 0 && !isWider {", "j >= 0 && false {"},
	{"17 hosts of an HTTPRoute", proxyHTTPRoute, "len(r.Hosts) < maxHostnames", "len(r.Hosts) <= maxHostnames"},
	{"hosts with other matches together", proxyHTTPRoute, " && slices.Equal(a.Matches, b.Matches)", ""},
	{"hosts with other upstreams together", proxyHTTPRoute, "a.upstream == b.upstream && ", ""},
	{"129 matches", proxyHTTPRoute, "len(parts[last]) == n || matches+len(r.Matches) > maxMatches", "len(parts[last]) == n"},
	{"star in the name of an HTTPRoute", proxyHTTPRoute, "names.unique(strings.Replace(m.Pattern, \"*\", \"any\", 1))", "names.unique(m.Pattern)"},
	{"method by its beginning", proxyHTTPRoute, "\"Exact\", r.Path()", "\"PathPrefix\", r.Path()"},
	{"slash at the end of a prefix", proxyHTTPRoute, "strings.TrimSuffix(r.Path(), \"/\")", "r.Path()"},
	{"host of an HTTPRoute not checked", proxyHTTPRoute, "checkHosts(target, \"HTTPRoute\", c), ", ""},
	{"Service of an HTTPRoute not checked", proxyHTTPRoute, "checkServices(target, c), ", ""},
	{"backends of an HTTPRoute not checked", proxyHTTPRoute, ", checkGatewayServices(target, \"HTTPRoute\", c)}", "}"},
	{"backends of a GRPCRoute not checked", proxyGatewayAPI, ", checkGatewayServices(target, \"GRPCRoute\", c)}", "}"},
	{"a HTTPRoute", proxyKubernetes, "\"AEHIOU\"", "\"AEIOU\""},
	{"one Service with TLS and without", proxyGatewayAPI, "seen && tls != u.TLS {", "seen && tls != tls {"},
	{"Services of two namespaces are one", proxyGatewayAPI, "c.NamespaceOf(s) + \"/\" + s.Service()", "s.Service()"},
	{"other namespace not said", proxyKubernetes, "return c.NamespaceOf(s) != c.Namespace })", "return false })"},
	// IngressRoutes.
	{"name of an IngressRoute not checked", proxyTraefikCRD, "checkNames(target, \"IngressRoute\", c), ", ""},
	{"Service of an IngressRoute not checked", proxyTraefikCRD, ", checkServices(target, c)", ""},
	// Labels.
	{"TLS to a container", proxyTraefikLabels, "if u.TLS {", "if false {"},
	{"address of a container", proxyTraefikLabels, "if !isDNSName(s.Host) {", "if false {"},
	{"two ports of a container", proxyTraefikLabels, "if slices.Contains(hosts, s.Host) {", "if false {"},
	{"dot in a label", proxyTraefikLabels, "strings.ReplaceAll(name, \".\", \"-\")", "name"},
	{"service of a label twice", proxyTraefikLabels, "name := names.unique(labelName(u.Name))", "name := labelName(u.Name); _ = names"},
	{"dollar of compose", proxyTraefikLabels, "strings.ReplaceAll(r.Rule, \"$\", \"$$\")", "r.Rule"},
	{"routers of all upstreams", proxyTraefikLabels, "if r.Upstream != u {", "if false {"},
	{"http to a container", proxyTraefikLabels, "\"server.scheme\", \"h2c\"", "\"server.scheme\", \"http\""},
	{"container without its weight", proxyTraefikLabels, "if s.Weight > 0 {", "if false {"},
	{"container without its health check", proxyTraefikLabels, "if c.HealthCheck > 0 {", "if false {"},
	{"container without its entry points", proxyTraefikLabels, "if len(c.EntryPoints) > 0 {", "if false {"},
	// Ingresses.
	{"TLS by an Ingress", proxyIngressNginx, "if u.TLS {", "if false {"},
	{"two instances by an Ingress", proxyIngressNginx, "if u.Several() {", "if false {"},
	{"other namespace by an Ingress", proxyIngressNginx, "c.NamespaceOf(s) != c.Namespace {", "false {"},
	{"Ingress not checked", proxyIngressNginx, "checkKubernetes(target, \"Ingress\", c)", "nil"},
	{"regular expressions always", proxyIngressNginx, "return r.Method != \"\" })", "return true })"},
	{"regular expressions never", proxyIngressNginx, "return r.Method != \"\" })", "return false })"},
	{"method by its beginning in an Ingress", proxyIngressNginx, "regexp.QuoteMeta(r.Path()) + \"$\"", "regexp.QuoteMeta(r.Path())"},
	{"dot is any character in an Ingress", proxyIngressNginx, "\t}\n\treturn regexp.QuoteMeta(r.Path())\n", "\t}\n\treturn r.Path()\n"},
}
