package kube

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Service is a port of a Service, as a route names it.
type Service struct {
	Namespace, Name string
	Port            int
}

// Services returns the targets of the routes in a YAML text, sorted and without
// duplicates: backendRefs of the Gateway API and destinations of Istio.
func Services(tb testing.TB, text string) []Service {
	tb.Helper()
	var services []Service
	for _, o := range parse(tb, text) {
		walk(map[string]any(o), func(key string, value object) {
			switch s := (Service{value.text("namespace"), value.text("name"), number(value["port"])}); key {
			case "backendRefs":
				services = append(services, s)
			case "destination":
				port, _ := value["port"].(map[string]any)
				labels := strings.Split(value.text("host"), ".")
				services = append(services, Service{labels[1], labels[0], number(port["number"])})
			}
		})
	}
	slices.SortFunc(services, func(a, b Service) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Port, b.Port))
	})
	return slices.Compact(services)
}

func number(value any) int {
	n, _ := value.(float64)
	return int(n)
}

// walk calls f for each object in value, with the name of its field.
func walk(value any, f func(key string, value object)) { walkField("", value, f) }

func walkField(key string, value any, f func(string, object)) {
	switch value := value.(type) {
	case map[string]any:
		f(key, value)
		for key, of := range value {
			walkField(key, of, f)
		}
	case []any:
		for _, of := range value {
			walkField(key, of, f)
		}
	}
}

// Objects returns the Service with a cluster IP ("" for any), and an EndpointSlice with
// an endpoint that has its port, on another IP.
func (s Service) Objects(cluster, endpoint string) string {
	ip := ""
	if cluster != "" {
		ip = "\n  clusterIP: " + cluster
	}
	return fmt.Sprintf(`---
apiVersion: v1
kind: Service
metadata: {name: %[1]s, namespace: %[2]s}
spec:%[5]s
  ports: [{name: grpc, port: %[3]d, protocol: TCP, appProtocol: kubernetes.io/h2c}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: %[1]s-1, namespace: %[2]s, labels: {kubernetes.io/service-name: %[1]s}}
addressType: IPv4
ports: [{name: grpc, port: %[3]d, protocol: TCP}]
endpoints: [{addresses: ["%[4]s"], conditions: {ready: true}}]
`, s.Name, s.Namespace, s.Port, endpoint, ip)
}
