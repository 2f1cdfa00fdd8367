// Package kube is the API of Kubernetes without a cluster, on loopback: a fake that
// serves some objects to controllers such as Traefik, and the real kube-apiserver,
// which validates them first.
package kube

import (
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// API is the address of an API server, for controllers.
type API struct {
	URL   string
	Token string
	CA    string // the file with the certificate of an https URL, or ""
}

// object is an object of Kubernetes.
type object map[string]any

// parse returns the objects of a YAML text with several documents.
func parse(tb testing.TB, text string) []object {
	tb.Helper()
	var objects []object
	for document := range strings.SplitSeq("\n"+text, "\n---\n") {
		var o object
		if err := yaml.Unmarshal([]byte(document), &o); err != nil {
			tb.Fatalf("%v in\n%s", err, document)
		}
		if len(o) > 0 {
			objects = append(objects, o)
		}
	}
	return objects
}

func (o object) text(field string) string {
	s, _ := o[field].(string)
	return s
}

func (o object) metadata() object {
	m, _ := o["metadata"].(map[string]any)
	return m
}

func (o object) String() string {
	return fmt.Sprintf("%s %s/%s", o.text("kind"), o.metadata().text("namespace"), o.metadata().text("name"))
}

// clusterWide are the kinds without a namespace, as far as the tests use them.
var clusterWide = map[string]bool{"Namespace": true, "GatewayClass": true, "IngressClass": true, "CustomResourceDefinition": true}

// collection returns the path of all objects of the kind of o, in all namespaces.
func (o object) collection() string { return o.root() + "/" + o.plural() }

// path returns the path for creating o.
func (o object) path() string {
	if clusterWide[o.text("kind")] {
		return o.collection()
	}
	return o.root() + "/namespaces/" + o.metadata().text("namespace") + "/" + o.plural()
}

func (o object) root() string {
	if version := o.text("apiVersion"); version != "v1" {
		return "/apis/" + version
	}
	return "/api/v1"
}

func (o object) plural() string {
	name := strings.ToLower(o.text("kind"))
	switch {
	case strings.HasSuffix(name, "s"):
		return name + "es"
	case strings.HasSuffix(name, "cy"), strings.HasSuffix(name, "ry"):
		return strings.TrimSuffix(name, "y") + "ies"
	}
	return name + "s"
}
