// Package screencapture is macOS's ScreenCaptureKit: the pictures of screens and windows,
// and the sound of all programs but this one. See "Capturing screen content in macOS" and
// the references of SCShareableContent, SCStream and SCStreamConfiguration in Apple's
// documentation. It is empty on other systems.
package screencapture
