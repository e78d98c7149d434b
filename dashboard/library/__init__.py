"""What a team keeps ready for all its rooms: phrases, products, words nobody says, clips."""
