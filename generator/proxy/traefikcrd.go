package proxy

import "errors"

// checkTraefikCRD returns an error for each name and upstream that is none in
// Kubernetes.
func checkTraefikCRD(target string, c *config) error {
	return errors.Join(checkNames(target, "IngressRoute", c), checkServices(target, c))
}
