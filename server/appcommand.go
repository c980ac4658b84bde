package server

import (
	"fmt"
	"io"
)

// Manage carries out `parley app`: add, list, rotate, remove or nats, on the AppIDs of a
// server's folder. A server that runs takes the change over by itself.
func Manage(data, action, id string, out io.Writer) error {
	apps, err := LoadApps(data)
	if err != nil {
		return err
	}
	// With them the folder is all that the nodes of a cluster share.
	keys, err := loadKeys(data)
	if err != nil {
		return err
	}
	var secret string
	switch action {
	case "list":
		for _, id := range apps.IDs() {
			if _, err := fmt.Fprintln(out, id); err != nil {
				return err
			}
		}
		return nil
	case "nats":
		return keys.writeNATS(out)
	case "add":
		secret, err = apps.Add(id)
	case "rotate":
		secret, err = apps.Rotate(id)
	case "remove":
		if err := apps.Remove(id); err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%s is removed: its calls end, and its messages can't be read any more.\n", id)
		return err
	default:
		return fmt.Errorf("%q is nothing to do with an AppID: add, list, rotate, remove or nats", action)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "app:    %s\nsecret: %s\n", id, secret)
	return err
}
