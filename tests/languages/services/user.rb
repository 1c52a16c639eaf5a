require "pg"

class UserService
  def find(id)
    user = db.query("select * from users where id = '#{id}'")
    raise NotFound, "user" unless user
    user
  end

  def rename(users)
    users.each do |one|
      one.touch(ENV.fetch("DATABASE_URL", "none"))
    end
  rescue FlushError => error
    log(error)
  end
end

describe UserService do
  it "finds a user" do
    UserService.new.find("1")
  end
end
