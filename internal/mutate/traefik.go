package main

const (
	proxyHTTPRoute     = "generator/proxy/httproute.go"
	proxyIngressNginx  = "generator/proxy/ingressnginx.go"
	proxyTraefikCRD    = "generator/proxy/traefikcrd.go"
	proxyTraefikLabels = "generator/proxy/traefiklabels.go"
)

// traefikBugs are the bugs of the output for Traefik on Kubernetes and docker compose,
// and of Ingresses.
var traefikBugs = []bug{
	// HTTPRoutes.
	{"HTTPRoutes for all classes", proxyGatewayAPI, "if c.GatewayClass == classTraefik {", "if true {"},
	{"HTTPRoutes checked as GRPCRoutes", proxyGatewayAPI, "if c.GatewayClass == classTraefik {", "if false {"},
	{"paths of wider hosts forgotten", proxyHTTPRoute, "append(m.VirtualHost.All(), shadows(m, wider)...)", "m.VirtualHost.All()"},
	{"paths of the next wider host only", proxyHTTPRoute, "\t\tname = parent\n", "\t\tname = \"\"\n"},
	{"wildcard contains itself", proxyHTTPRoute, "name := strings.TrimPrefix(h.Pattern, \"*.\")", "name := h.Pattern"},
	{"path of a wider host to the default despite the service", proxyHTTPRoute, "service != nil {", "service != nil && false {"},
	{"path of a wider host twice", proxyHTTPRoute, "if own[r.Path()] != nil {", "if false {"},
	{"path of two wider hosts twice", proxyHTTPRoute, "own[r.Path()] = shadow.Upstream", "_ = shadow.Upstream"},
	{"host loses to a wildcard of its length", proxyHTTPRoute, "if len(w.Pattern) == len(h.Pattern) {", "if len(w.Pattern) < 0 {"},
	{"all rules twice", proxyHTTPRoute, "if len(w.Pattern) == len(h.Pattern) {", "if len(w.Pattern) > 0 {"},
	{"65 matches", proxyHTTPRoute, "== maxMatches {", "== maxMatches+1 {"},
	{"63 matches", proxyHTTPRoute, "== maxMatches {", "== maxMatches-1 {"},
	{"path of 900", proxyHTTPRoute, "n > maxPath", "n > maxPath+1"},
	{"path of 898", proxyHTTPRoute, "n > maxPath", "n >= maxPath"},
	{"name of an HTTPRoute twice", proxyHTTPRoute, "name := names.unique(strings.Replace(m.Pattern, \"*\", \"any\", 1))", "name := strings.Replace(m.Pattern, \"*\", \"any\", 1); _ = names"},
	{"several rules for a wildcard that stands for others", proxyHTTPRoute, "limit = 1 //", "limit = 15 //"},
	{"one rule for each host", proxyHTTPRoute, "limit := maxHTTPRules", "limit := 1"},
	{"16 rules and one again", proxyHTTPRoute, "maxHTTPRules = 15", "maxHTTPRules = 16"},
	{"points for a wildcard that stands for others", proxyHTTPRoute, "len(with) > 0 && !isWider[m.Pattern] {", "len(with) > 0 {"},
	{"each host by itself", proxyHTTPRoute, "len(with) > 0 && !isWider[m.Pattern] {", "len(with) > 0 && false {"},
	{"17 hosts of an HTTPRoute", proxyHTTPRoute, ".Hosts) == maxHostnames {", ".Hosts) == maxHostnames+1 {"},
	{"hosts with other matches together", proxyHTTPRoute, "\"%s %q\\n\", r.Name, r.Matches)", "\"%s\\n\", r.Name)"},
	{"hosts with other upstreams together", proxyHTTPRoute, "\"%s %q\\n\", r.Name, r.Matches)", "\"%q\\n\", r.Matches)"},
	{"129 matches", proxyHTTPRoute, "len(parts[last]) == n || matches+len(r.Matches) > maxMatches", "len(parts[last]) == n"},
	{"star in the name of an HTTPRoute", proxyHTTPRoute, "names.unique(strings.Replace(m.Pattern, \"*\", \"any\", 1))", "names.unique(m.Pattern)"},
	{"method by its prefix", proxyHTTPRoute, "\"Exact\", r.Path()", "\"PathPrefix\", r.Path()"},
	{"slash at the end of a prefix", proxyHTTPRoute, "strings.TrimSuffix(r.Path(), \"/\")", "r.Path()"},
	{"host of an HTTPRoute not checked", proxyHTTPRoute, "checkHosts(target, \"HTTPRoute\", c), ", ""},
	{"Service of an HTTPRoute not checked", proxyHTTPRoute, "checkServices(target, c), ", ""},
	{"backends of an HTTPRoute not checked", proxyHTTPRoute, ", checkGatewayServices(target, \"HTTPRoute\", c)}", "}"},
	{"backends of a GRPCRoute not checked", proxyGatewayAPI, ", checkGatewayServices(target, \"GRPCRoute\", c)}", "}"},
	{"a HTTPRoute", proxyKubernetes, "\"AEHIOU\"", "\"AEIOU\""},
	{"one Service with TLS and without", proxyKubernetes, "seen && tls != u.TLS && !yield(u, s) {", "seen && tls != u.TLS && false {"},
	{"Services of two namespaces are one", proxyKubernetes, "return c.NamespaceOf(s) + \"/\" + s.Service()", "return s.Service()"},
	{"other namespace not named", proxyKubernetes, "return c.NamespaceOf(s) != c.Namespace })", "return false })"},
	// IngressRoutes.
	{"name of an IngressRoute not checked", proxyTraefikCRD, "checkNames(target, \"IngressRoute\", c), ", ""},
	{"Service of an IngressRoute not checked", proxyTraefikCRD, ", checkServices(target, c)", ""},
	// Labels.
	{"TLS to a container", proxyTraefikLabels, "if u.TLS {", "if false {"},
	{"address of a container", proxyTraefikLabels, "if !isDNSName(s.Host) {", "if false {"},
	{"two ports of a container", proxyTraefikLabels, "if slices.Contains(hosts, s.Host) {", "if slices.Contains(hosts, s.Host) && false {"},
	{"dot in a label", proxyTraefikLabels, "strings.ReplaceAll(name, \".\", \"-\")", "name"},
	{"service of a label twice", proxyTraefikLabels, "name := names.unique(labelName(u.Name))", "name := labelName(u.Name); _ = names"},
	{"dollar of compose", proxyTraefikLabels, "strings.ReplaceAll(r.Rule, \"$\", \"$$\")", "r.Rule"},
	{"all upstreams get all routers", proxyTraefikLabels, "routers[r.Upstream] = append(routers[r.Upstream], r)", "for _, u := range c.Upstreams {\n\t\t\trouters[u] = append(routers[u], r)\n\t\t}"},
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
	{"method by its prefix in an Ingress", proxyIngressNginx, "regexp.QuoteMeta(r.Path()) + \"$\"", "regexp.QuoteMeta(r.Path())"},
	{"dot is any character in an Ingress", proxyIngressNginx, "\t}\n\treturn regexp.QuoteMeta(r.Path())\n", "\t}\n\treturn r.Path()\n"},
}
