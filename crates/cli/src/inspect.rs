//! `tonearm inspect`: what a weights file says about itself.
