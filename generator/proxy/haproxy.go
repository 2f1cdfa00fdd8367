package proxy

import "fmt"

func checkHAProxy(target string, c *config) error {
	if c.Certificate != "" && c.Key != c.Certificate && c.Key != c.Certificate+".key" {
		return fmt.Errorf("target %s: key=%s: HAProxy looks for the key in the file of the certificate, or in %s.key", target, c.Key, c.Certificate)
	}
	return nil
}
