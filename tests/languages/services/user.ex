defmodule Shop.UserService do
  alias Shop.Repo

  def find(id) do
    user = Repo.query("select * from users where id = '#{id}'")

    if is_nil(user) do
      raise NotFoundError, "user"
    end

    user
  end

  def rename(users) do
    for one <- users do
      Audit.touch(one, System.get_env("DATABASE_URL"))
    end
  end

  def flush(id) do
    try do
      Repo.flush(id)
    rescue
      error in FlushError -> log(error)
    end
  end

  test "finds a user" do
    find("1")
  end
end
