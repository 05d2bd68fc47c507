//go:build unix

package cluster

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// adminName is the superuser that initdb makes.
const adminName = "voicehive_admin"

// credentials are the passwords of a cluster's three logins.
type credentials struct {
	Admin string `json:"admin"`
	Owner string `json:"owner"`
	Login string `json:"login"`
}

// loadCredentials reads the passwords, made at random the first time.
func loadCredentials(file string) (credentials, error) {
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return newCredentials(file)
	}
	if err != nil {
		return credentials{}, fmt.Errorf("cluster: reading the passwords: %w", err)
	}
	var c credentials
	if json.Unmarshal(content, &c) != nil || c.Admin == "" || c.Owner == "" || c.Login == "" {
		return credentials{}, fmt.Errorf("cluster: %s is damaged; remove the cluster's directory to start anew", file)
	}
	return c, nil
}

func newCredentials(file string) (credentials, error) {
	c := credentials{Admin: rand.Text(), Owner: rand.Text(), Login: rand.Text()}
	content, err := json.Marshal(c)
	if err != nil {
		return credentials{}, fmt.Errorf("cluster: %w", err)
	}
	// Written aside and renamed, so that a crash leaves none or all of it.
	if err := os.WriteFile(file+".new", content, 0o600); err != nil {
		return credentials{}, fmt.Errorf("cluster: keeping the passwords: %w", err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		return credentials{}, fmt.Errorf("cluster: keeping the passwords: %w", err)
	}
	return c, nil
}
