// A target needs a source; this one stands in where the real ones come from elsewhere.
