"""The geometry of faces: 68 landmarks, their detection, the head in space, masks drawn from them."""
