package registry

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"gopkg.in/yaml.v3"
)

// maxFile bounds a hotel's file, in bytes.
const maxFile = 64 << 10

// Parse reads a hotel's YAML: one document with known fields only. Every
// problem of a field is told at once, and every error is an ErrInvalid.
func Parse(document []byte) (Hotel, error) {
	if len(document) > maxFile {
		return Hotel{}, fmt.Errorf("%w: more than %d KiB", ErrInvalid, maxFile>>10)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(document))
	decoder.KnownFields(true)
	var hotel Hotel
	if err := decoder.Decode(&hotel); err != nil {
		if errors.Is(err, io.EOF) {
			return Hotel{}, fmt.Errorf("%w: it is empty", ErrInvalid)
		}
		return Hotel{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return Hotel{}, fmt.Errorf("%w: it must be one document", ErrInvalid)
	}
	if err := hotel.Validate(); err != nil {
		return Hotel{}, err
	}
	return hotel, nil
}

// ParseFile reads a hotel from a file.
func ParseFile(name string) (Hotel, error) {
	file, err := os.Open(name)
	if err != nil {
		return Hotel{}, fmt.Errorf("registry: opening a hotel's file: %w", err)
	}
	defer func() { _ = file.Close() }()
	document, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return Hotel{}, fmt.Errorf("registry: reading a hotel's file: %w", err)
	}
	hotel, err := Parse(document)
	if err != nil {
		return Hotel{}, fmt.Errorf("%s: %w", name, err)
	}
	return hotel, nil
}
