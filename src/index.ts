/** The public door: what a program that embeds mkimage may rely on. */

