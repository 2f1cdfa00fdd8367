package proxy

import "errors"

// checkTraefikCRD returns an error for each name that is not valid in Kubernetes, and
// for each upstream that is not a Service.
func checkTraefikCRD(target string, c *config) error {
	return errors.Join(checkNames(target, "IngressRoute", c), checkServices(target, c))
}
