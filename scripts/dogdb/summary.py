def show(): pass
