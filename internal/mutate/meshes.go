package main

const (
	meshClasses = "generator/proxy/gatewayclass.go"
	meshEnvoy   = "generator/proxy/envoy.go"
	meshIstio   = "generator/proxy/istio.go"
)

// meshBugs are those of what is written for Envoy, Istio and the controllers of
// the Gateway API.
var meshBugs = []bug{
	{"Istio: TLS and none to one port", meshIstio, "range withTLSAndWithout(c, c.Destination) {", "range withTLSAndWithout(&config{}, c.Destination) {"},
	{"Istio: TLS and none to two ports", meshIstio, "return destination{s.Service(), c.NamespaceOf(s), s.Port}", "return destination{s.Service(), c.NamespaceOf(s), 0}"},
	{"Istio: sidecars have a namespace", meshIstio, "if c.Gateway.Name == \"mesh\" && !c.Gateway.whole {", "if false {"},
	{"Istio: a Gateway called mesh", meshIstio, " && !c.Gateway.whole", ""},
	{"Istio: Gateway without a namespace", meshIstio, "return c.Gateway.Namespace + \"/\" + c.Gateway.Name", "return c.Gateway.Name"},
	{"Istio: two rules for one Service", meshIstio, "if !found {\n\t\t\t\trules", "if !found || true {\n\t\t\t\trules"},
	{"Istio: one rule for Services of one name", meshIstio, "cmp.Or(cmp.Compare(r.Namespace, d.Namespace), cmp.Compare(r.Service, d.Service))", "cmp.Compare(r.Service, d.Service)"},
	{"Istio: a port twice", meshIstio, "if !found {\n\t\tr.Ports", "if !found || true {\n\t\tr.Ports"},
	{"Istio: calls run twice", "templates/proxy/istio.yaml.tmpl", "      retries: {attempts: 0} # Istio", "      # Istio"},
	{"Istio: instances without a weight", "templates/proxy/istio.yaml.tmpl", "weight: {{or .Weight 1}}", "weight: {{.Weight}}"},
	{"Istio: path of a method is a beginning", "templates/proxy/istio.yaml.tmpl", "{{- if .Method}}exact{{else}}prefix{{end}}", "{{- if .Method}}prefix{{else}}prefix{{end}}"},
	{"Envoy Gateway ends calls", "templates/proxy/gateway-policies.tmpl", "    http: {requestTimeout: 0s} #", "    http: {} #"},
	{"Envoy Gateway: policy for every class", meshClasses, "return c.GatewayClass == classEnvoyGateway", "return true"},
	{"Linkerd: routes of a Gateway", meshClasses, "return c.GatewayClass == classLinkerd", "return false"},
	{"Linkerd: TLS in silence", meshClasses, "if c.Linkerd() && u.TLS {", "if c.Linkerd() && u.TLS && false {"},
	{"TLS for no class", meshClasses, "if c.Linkerd() && u.TLS {", "if u.TLS {"},
	{"health checks for every class", meshClasses, "if c.HealthCheck > 0 && !c.EnvoyGateway() {", "if false {"},
	{"Envoy: a check takes longer than the next is away", meshEnvoy, "min(c.HealthCheck, 5)", "5"},
	{"Envoy: a check takes as long as it wants", meshEnvoy, "min(c.HealthCheck, 5)", "c.HealthCheck"},
	{"Envoy: instances in one locality", "templates/proxy/envoy.yaml.tmpl", "{{- if .Weight}}", "{{- if false}}"},
	{"Envoy: calls for instances that are not healthy", "templates/proxy/envoy.yaml.tmpl", "        healthy_panic_threshold: {value: 0} # no", "        # no"},
}
